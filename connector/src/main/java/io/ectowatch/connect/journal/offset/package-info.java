/** The position in the journal that Kafka Connect stores, and which records it has committed. */
@NullMarked
package io.ectowatch.connect.journal.offset;

import org.jspecify.annotations.NullMarked;
