/** Compares what the database should have with what it has, and runs the DDL that is missing. */
@NullMarked
package io.ectowatch.connect.install;

import org.jspecify.annotations.NullMarked;
