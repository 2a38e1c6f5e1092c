package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import java.util.Objects;

/**
 * One row's event on its way from the database to Kafka.
 *
 * @param table the table it happened to
 * @param event what happened
 * @param id unique per change and the same on every redelivery, for example {@code 771.42.0}
 * @param transactionId the transaction that made it ({@code xid8}), or 0 for a {@link Event#RESYNC}
 * @param at when it happened, in milliseconds since 1970 (UTC), by the database's clock
 * @param values the values of {@link WatchedTable#carried()} as Connect holds them, or null where there is no row
 *     ({@link Event#TRUNCATED}, {@link Event#RESYNC})
 * @param extrasLeftOut true when the change was too large to carry the extra columns: {@code values} ends with the key
 */
public record Change(
        WatchedTable table,
        Event event,
        String id,
        long transactionId,
        long at,
        Object[] values,
        boolean extrasLeftOut) {

    public Change {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(id, "id");
    }
}
