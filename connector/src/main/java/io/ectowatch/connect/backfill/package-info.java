/** Reads the rows that a table already has, in the order of its primary key. */
@NullMarked
package io.ectowatch.connect.backfill;

import org.jspecify.annotations.NullMarked;
