/** Names of tables and columns, as PostgreSQL reads them, and patterns for them. */
@NullMarked
package io.ectowatch.connect.config.names;

import org.jspecify.annotations.NullMarked;
