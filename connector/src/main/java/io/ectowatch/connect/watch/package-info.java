/** Resolves the settings against the catalog: which tables are watched, with which columns, topics and conditions. */
@NullMarked
package io.ectowatch.connect.watch;

import org.jspecify.annotations.NullMarked;
