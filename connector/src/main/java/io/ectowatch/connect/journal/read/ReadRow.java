package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.record.Change;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * A row that a backfill has read.
 *
 * @param key its key, see {@link io.ectowatch.connect.backfill.Chunk.Row#key}
 * @param change what is published of it: the row, or a resync if its values cannot be read; null if nothing is
 * @param records the records of the change, without partition and offset; null if the task makes them
 * @param length the size of its values, in characters
 */
public record ReadRow(
        List<String> key, @Nullable Change change, @Nullable List<SourceRecord> records, int length) {

    /** Whether it is to be published. */
    public boolean published() {
        return change != null;
    }
}
