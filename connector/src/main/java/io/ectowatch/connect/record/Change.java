package io.ectowatch.connect.record;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event of a row, between the database and Kafka.
 *
 * @param table the table it belongs to
 * @param event the kind of event
 * @param id unique per change and the same on every redelivery, for example {@code 771.42.0}
 * @param transactionId the transaction that made it ({@code xid8}), or 0 for a {@link Event#RESYNC}
 * @param at when it happened, in milliseconds since 1970 (UTC), by the database's clock
 * @param row the row, or null ({@link Event#TRUNCATED}, {@link Event#RESYNC})
 * @param backfill the backfill that it belongs to, or null
 * @param visibleAt an LSN at which each standby shows it, in PostgreSQL's text form; or null
 * @param context what its transaction says about it, or null
 */
public record Change(
        WatchedTable table,
        Event event,
        String id,
        long transactionId,
        long at,
        @Nullable Row row,
        @Nullable BackfillNote backfill,
        @Nullable String visibleAt,
        @Nullable ChangeContext context) {

    public Change {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(id, "id");
    }

    /** A change whose transaction says nothing about it. */
    public Change(
            WatchedTable table,
            Event event,
            String id,
            long transactionId,
            long at,
            @Nullable Row row,
            @Nullable BackfillNote backfill,
            @Nullable String visibleAt) {
        this(table, event, id, transactionId, at, row, backfill, visibleAt, null);
    }

    /** A change that belongs to no backfill, without an LSN. */
    public Change(WatchedTable table, Event event, String id, long transactionId, long at, @Nullable Row row) {
        this(table, event, id, transactionId, at, row, null, null);
    }

    /** A change of a table whose triggers write only the carried columns. */
    public Change(
            WatchedTable table,
            Event event,
            String id,
            long transactionId,
            long at,
            Object @Nullable [] values,
            boolean extrasLeftOut) {
        this(
                table,
                event,
                id,
                transactionId,
                at,
                values == null ? null : new Row(values, extrasLeftOut, 0, null, new Object[0], 0));
    }

    /**
     * The same change without its extra columns, as triggers write a change that is too large for them; null without
     * a row.
     */
    public @Nullable Change shortened() {
        if (row == null || row.extrasLeftOut()) {
            return null;
        }
        Object[] kept = Arrays.copyOf(row.values(), table.entry().keyFields().size());
        Object[] before = Arrays.copyOf(
                row.before(),
                Math.min(row.before().length, table.entry().keptBefore().size()));
        Row shorter = new Row(kept, true, row.choice(), null, before, row.statement(), row.count());
        return new Change(table, event, id, transactionId, at, shorter, backfill, visibleAt, context);
    }

    /** The replacement of a change that cannot be published: a resync of the table. */
    public Change resync() {
        return new Change(table, Event.RESYNC, id, transactionId, at, null, null, visibleAt);
    }

    /**
     * The values of {@link WatchedTable#carried()} in Connect's types, or null if there is no row; only those of the
     * key if {@link #extrasLeftOut}.
     */
    public Object @Nullable [] values() {
        return row == null ? null : row.values();
    }

    /** Whether a part of what the transaction says about it was too long or malformed. */
    public boolean contextLeftOut() {
        return context != null && context.leftOut();
    }

    /** Whether the change was too large to carry the extra columns. */
    public boolean extrasLeftOut() {
        return row != null && row.extrasLeftOut();
    }
}
