package io.ectowatch.connect.backfill;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request to publish the rows that a table already has, and how far it has come. Immutable.
 *
 * @param id names it in records and in SQL
 * @param table the table
 * @param cause why it was started
 * @param condition only rows for which this is true, or null for all
 * @param key the table and its key when the first rows were read, see {@link KeyOrder#signature}; null before
 * @param last the key of the last row that was read, as texts; null before the first
 * @param count how many rows were published
 * @param ending why it ends before the last row; null while it continues
 */
public record Backfill(
        String id,
        TableName table,
        Cause cause,
        @Nullable String condition,
        @Nullable String key,
        @Nullable List<String> last,
        long count,
        @Nullable String ending) {

    /** Why a backfill was started. */
    public enum Cause {
        /** Somebody called the SQL function. */
        CALL,
        /** The table is watched for the first time. */
        NEW,
        /** Changes of the table may have been lost. */
        RESYNC
    }

    public Backfill {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(cause, "cause");
        last = last == null ? null : List.copyOf(last);
    }

    /** One that has not begun. */
    public Backfill(String id, TableName table, Cause cause, @Nullable String condition) {
        this(id, table, cause, condition, null, null, 0, null);
    }

    /** Whether no row was read yet. */
    boolean unbegun() {
        return last == null && key == null && ending == null;
    }

    /** Whether that is its table. */
    public boolean isOf(WatchedTable watched) {
        return watched.shape().name().equals(table);
    }

    /** After further rows, of which so many were published and the last has that key. */
    public Backfill after(@Nullable String signature, List<String> row, long published) {
        return new Backfill(id, table, cause, condition, signature, row, count + published, ending);
    }

    /** After all rows of a chunk. */
    public Backfill after(Chunk chunk) {
        List<Chunk.Row> rows = chunk.rows();
        long published = rows.stream().filter(row -> row.entry() != null).count();
        return rows.isEmpty()
                ? this
                : after(chunk.key(), rows.get(rows.size() - 1).key(), published);
    }

    /** To be ended, for that reason. */
    public Backfill endedBy(String reason) {
        return ending != null ? this : new Backfill(id, table, cause, condition, key, last, count, reason);
    }
}
