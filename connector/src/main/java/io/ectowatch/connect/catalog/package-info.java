/** Reads from PostgreSQL's catalogs what the database has: tables, columns, types and keys. */
@NullMarked
package io.ectowatch.connect.catalog;

import org.jspecify.annotations.NullMarked;
