/** How the other packages log: the context of their lines, and what is logged if an event repeats. */
@NullMarked
package io.ectowatch.connect.log;

import org.jspecify.annotations.NullMarked;
