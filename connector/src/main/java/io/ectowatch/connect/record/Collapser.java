package io.ectowatch.connect.record;

import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Collapses the changes that one poll returns: of several updates of a row, or an insertion and the updates that follow it,
 * a watcher publishes only the last, which stands for all of them. See {@code docs/watchers-options.md}. Not thread-safe.
 *
 * <p>If a later record stands for a change before a record, the offset of that record is before that change. Otherwise a
 * task that continues there would skip the change, although the later record was never published.
 */
public final class Collapser {

    private final PerTable<RecordFactory> factories;
    private final LongConsumer onCollapsed;

    /** @param onCollapsed receives how many changes got no record of their own, counted for each watcher */
    public Collapser(PerTable<RecordFactory> factories, LongConsumer onCollapsed) {
        this.factories = factories;
        this.onCollapsed = onCollapsed;
    }

    /**
     * The deliveries that remain, in their order.
     *
     * @param deliveries of one poll
     * @param behind whether the task is behind, see {@link Collapse#BACKLOG}
     */
    public List<Delivery> collapse(List<Delivery> deliveries, boolean behind) {
        if (deliveries.size() < 2) {
            return deliveries;
        }
        CollapsedChanges changes = new CollapsedChanges(deliveries.size());
        Map<TableName, OpenRows> tables = new HashMap<>();
        OpenRows last = null;
        for (int i = 0; i < deliveries.size(); i++) {
            Change change = deliveries.get(i).change();
            WatchedTable table = change.table();
            if (last == null || last.table() != table) {
                last = tables.get(table.shape().name());
            }
            if (last == null || last.table() != table) {
                // The same table in another layout: what is open in the former one remains as it is.
                last = new OpenRows(table, factories.of(table), behind, changes);
                tables.put(table.shape().name(), last);
            }
            last.add(i, change);
        }
        onCollapsed.accept(changes.collapsed());
        return changes.collapsed() == 0 ? deliveries : remaining(deliveries, changes);
    }

    private static List<Delivery> remaining(List<Delivery> deliveries, CollapsedChanges changes) {
        List<Delivery> remaining = new ArrayList<>();
        int held = deliveries.size(); // the first change for which a later record stands
        for (int i = deliveries.size() - 1; i >= 0; i--) {
            if (changes.isDropped(i)) {
                continue;
            }
            Delivery delivery = deliveries.get(i);
            int since = changes.since(i);
            @Nullable Map<String, ?> offset = delivery.offset();
            if (held <= i) {
                offset = before(deliveries.get(held), offset);
            }
            if (since < Math.min(held, i)) {
                offset = since(deliveries.get(since), offset);
            }
            remaining.add(new Delivery(delivery.change(), delivery.partition(), offset, changes.versions(i)));
            held = Math.min(held, since);
        }
        Collections.reverse(remaining);
        return remaining;
    }

    private static @Nullable Map<String, ?> before(Delivery first, @Nullable Map<String, ?> otherwise) {
        return first.offset() instanceof ChangeOffset offset ? offset.before() : otherwise;
    }

    private static @Nullable Map<String, ?> since(Delivery first, @Nullable Map<String, ?> offset) {
        return first.offset() instanceof ChangeOffset begin && offset instanceof ChangeOffset ours
                ? ours.since(begin)
                : offset;
    }
}
