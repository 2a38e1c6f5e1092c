/** Reads the journal in cuts, and each cut in pages. */
@NullMarked
package io.ectowatch.connect.journal.read;

import org.jspecify.annotations.NullMarked;
