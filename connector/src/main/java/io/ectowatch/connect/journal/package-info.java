/** Durable delivery: reads the rows of the journal and makes changes of them. */
@NullMarked
package io.ectowatch.connect.journal;

import org.jspecify.annotations.NullMarked;
