/** Generates the functions of the triggers. Connects to nothing. */
@NullMarked
package io.ectowatch.connect.trigger;

import org.jspecify.annotations.NullMarked;
