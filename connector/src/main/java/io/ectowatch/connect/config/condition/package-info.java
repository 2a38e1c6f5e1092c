/** Parses the condition of a watcher by the lexical rules of PostgreSQL. */
@NullMarked
package io.ectowatch.connect.config.condition;

import org.jspecify.annotations.NullMarked;
