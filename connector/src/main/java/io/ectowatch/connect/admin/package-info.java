/**
 * Work beside the delivery of changes: validates a configuration against the database, prints the SQL of an
 * installation, and alters offsets.
 */
@NullMarked
package io.ectowatch.connect.admin;

import org.jspecify.annotations.NullMarked;
