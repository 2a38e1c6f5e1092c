/** Empties the tables of the journal in turn, and checks what was read before it empties one. */
@NullMarked
package io.ectowatch.connect.journal.maintenance;

import org.jspecify.annotations.NullMarked;
