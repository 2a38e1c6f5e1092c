package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import java.util.Arrays;
import java.util.Objects;

/**
 * One row's event on its way from the database to Kafka.
 *
 * @param table the table it happened to
 * @param event what happened
 * @param id unique per change and the same on every redelivery, for example {@code 771.42.0}
 * @param transactionId the transaction that made it ({@code xid8}), or 0 for a {@link Event#RESYNC}
 * @param at when it happened, in milliseconds since 1970 (UTC), by the database's clock
 * @param row the row, or null where there is none ({@link Event#TRUNCATED}, {@link Event#RESYNC})
 */
public record Change(WatchedTable table, Event event, String id, long transactionId, long at, Row row) {

    public Change {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(id, "id");
    }

    /** A change of a table of which nothing but its carried columns is sent. */
    public Change(
            WatchedTable table,
            Event event,
            String id,
            long transactionId,
            long at,
            Object[] values,
            boolean extrasLeftOut) {
        this(
                table,
                event,
                id,
                transactionId,
                at,
                values == null ? null : new Row(values, extrasLeftOut, 0, null, new Object[0], 0));
    }

    /** The same change without its extra columns, as the triggers send what is too large for them; null without a row. */
    public Change shortened() {
        if (row == null || row.extrasLeftOut()) {
            return null;
        }
        Object[] kept = Arrays.copyOf(row.values(), table.entry().kept().size());
        Object[] before = Arrays.copyOf(
                row.before(),
                Math.min(row.before().length, table.entry().keptBefore().size()));
        return new Change(
                table, event, id, transactionId, at, new Row(kept, true, row.choice(), null, before, row.statement()));
    }

    /** What takes its place where it cannot be published: the table has to be read again. */
    public Change resync() {
        return new Change(table, Event.RESYNC, id, transactionId, at, null);
    }

    /**
     * The values of {@link WatchedTable#carried()} as Connect holds them, or null where there is no row; they end with
     * the key where {@link #extrasLeftOut}.
     */
    public Object[] values() {
        return row == null ? null : row.values();
    }

    /** Whether the change was too large to carry the extra columns. */
    public boolean extrasLeftOut() {
        return row != null && row.extrasLeftOut();
    }
}
