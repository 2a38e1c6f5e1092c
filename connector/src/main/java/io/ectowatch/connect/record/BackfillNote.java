package io.ectowatch.connect.record;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What records of a backfill say about it, in headers.
 *
 * @param id names the backfill
 * @param count how many rows it has published; null before its end
 * @param reason why it has ended before the end of the table, or null
 */
public record BackfillNote(
        String id, @Nullable Long count, @Nullable String reason) {

    public BackfillNote {
        Objects.requireNonNull(id, "id");
    }
}
