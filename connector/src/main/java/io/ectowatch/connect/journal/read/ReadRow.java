package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.record.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row that a backfill has read.
 *
 * @param key its key, see {@link io.ectowatch.connect.backfill.Chunk.Row#key}
 * @param id the id of its record; null if it is not published
 * @param values its values; null if it is not published, or cannot be read
 * @param length the size of its values, in characters
 */
public record ReadRow(
        List<String> key, @Nullable String id, @Nullable Row values, int length) {

    /** Whether it is to be published. */
    public boolean published() {
        return id != null;
    }
}
