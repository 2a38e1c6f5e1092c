package io.ectowatch.connect.notify;

import io.ectowatch.connect.catalog.SameTables;
import io.ectowatch.connect.catalog.WatchedTable;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which table each layout in a payload stands for. Layouts outlive their tables for a while: a payload that waits may have
 * been written for a layout that has been replaced since.
 */
final class Layouts {

    /** How many layouts that are not in use any more stay known. */
    private static final int MOST_GONE = 1_000;

    /** The current ones come last. */
    private volatile Map<String, WatchedTable> readable = Map.of();

    private volatile Map<String, String> former = Map.of();
    private volatile List<WatchedTable> tables = List.of();

    /**
     * Takes over what is watched now. A table of which nothing has changed stays the same object, so that what readers
     * have built for it stays in use.
     *
     * @param formerLayouts layouts of functions that an earlier configuration left in the database, with their tables:
     *     a transaction that began before they were replaced can still send them
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

    /** The current entries, and behind as many as may stay of those before, the latest of them. */
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

    /** All tables that payloads can be of. */
    Collection<WatchedTable> inUse() {
        return readable.values();
    }

    /** All tables that are watched now. */
    List<WatchedTable> tables() {
        return tables;
    }

    /** The table whose rows that layout describes, or null when it cannot be read. */
    WatchedTable readable(String layout) {
        return readable.get(layout);
    }

    /** The watched table that a layout which cannot be read belonged to, or null when it is watched no more. */
    WatchedTable formerly(String layout) {
        String name = former.get(layout);
        return tables.stream()
                .filter(table -> table.shape().name().toString().equals(name))
                .findFirst()
                .orElse(null);
    }
}
