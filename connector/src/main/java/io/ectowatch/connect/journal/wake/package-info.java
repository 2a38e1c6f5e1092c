/** Decides how long the reader of the journal sleeps, and what wakes it. */
@NullMarked
package io.ectowatch.connect.journal.wake;

import org.jspecify.annotations.NullMarked;
