package io.ectowatch.connect.notify;

import io.ectowatch.connect.watch.SameTables;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of each layout in a payload. Layouts outlive their tables for a while: a waiting payload may have been
 * written for a layout that was replaced since.
 */
final class NotifyLayouts {

    /** How many unused layouts stay known. */
    private static final int MOST_GONE = 1_000;

    /** The current ones are last. */
    private volatile Map<String, WatchedTable> readable = Map.of();

    private volatile Map<String, String> former = Map.of();
    private volatile List<WatchedTable> tables = List.of();

    /**
     * Replaces the watched tables. An unchanged table stays the same object, so that everything built for it stays in
     * use.
     *
     * @param formerLayouts layouts of functions that an earlier configuration left in the database, with their
     *     tables: a transaction that began before they were replaced can still send them
     */
    void update(List<WatchedTable> watched, Map<String, String> formerLayouts) {
        former = updated(former, formerLayouts);
        SameTables same = new SameTables(readable.values());
        List<WatchedTable> now = watched.stream().map(same::of).toList();
        Map<String, WatchedTable> current = new LinkedHashMap<>();
        now.forEach(table -> current.put(table.layout(), table));
        readable = updated(readable, current);
        tables = now;
    }

    /** The current entries, after as many of the former ones as may stay, the latest of them. */
    private static <T> Map<String, T> updated(Map<String, T> before, Map<String, T> current) {
        Map<String, T> all = new LinkedHashMap<>(before);
        all.keySet().removeAll(current.keySet());
        Iterator<String> eldest = all.keySet().iterator();
        for (int surplus = all.size() - MOST_GONE; surplus > 0; surplus--) {
            eldest.next();
            eldest.remove();
        }
        all.putAll(current);
        return Collections.unmodifiableMap(all);
    }

    /** All tables that payloads can belong to. */
    Collection<WatchedTable> inUse() {
        return readable.values();
    }

    /** All tables that are watched now. */
    List<WatchedTable> tables() {
        return tables;
    }

    /** The known object of that table, so that everything built for it stays in use; or the table itself. */
    WatchedTable known(WatchedTable table) {
        return readable.getOrDefault(table.layout(), table);
    }

    /** The table whose rows that layout describes, or null if it cannot be read. */
    @Nullable
    WatchedTable readable(String layout) {
        return readable.get(layout);
    }

    /** The watched table of a layout that cannot be read, or null if the table is not watched any more. */
    @Nullable
    WatchedTable formerly(String layout) {
        String name = former.get(layout);
        return tables.stream()
                .filter(table -> table.shape().name().toString().equals(name))
                .findFirst()
                .orElse(null);
    }
}
