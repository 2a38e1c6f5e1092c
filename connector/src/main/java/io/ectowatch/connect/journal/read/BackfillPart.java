package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.backfill.Chunk;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backfill has read of a table: rows, or its end, or both.
 *
 * @param backfill how far it had come before
 * @param table its table
 * @param rows the rows that it has read
 * @param key see {@link Chunk#key}; null if it has read nothing
 * @param at when they were read, or when it ended
 * @param ends whether it has ended: by its {@link Backfill#ending}, or else at the end of the table
 */
public record BackfillPart(
        Backfill backfill,
        WatchedTable table,
        List<ReadRow> rows,
        @Nullable String key,
        long at,
        boolean ends) {

    /** The approximate memory it needs, in bytes. */
    public long bytes() {
        return rows.stream().mapToLong(row -> 256L + 2L * row.length()).sum();
    }
}
