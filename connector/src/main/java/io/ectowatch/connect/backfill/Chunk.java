package io.ectowatch.connect.backfill;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a table as one snapshot sees them, in the order of their keys.
 *
 * @param snapshot the snapshot, as PostgreSQL's {@code pg_snapshot}
 * @param at when they were read, in milliseconds since 1970, by the server's clock
 * @param key see {@link KeyOrder#signature}
 * @param rows the rows
 * @param last whether no row follows
 */
public record Chunk(String snapshot, long at, String key, List<Row> rows, boolean last) {

    /**
     * A row.
     *
     * @param entry its values as triggers write them, or null if it is not to be published
     * @param key the values of its primary key, as texts that PostgreSQL reads back as the same values
     */
    public record Row(@Nullable String entry, List<String> key) {}

    public Chunk {
        rows = List.copyOf(rows);
    }
}
