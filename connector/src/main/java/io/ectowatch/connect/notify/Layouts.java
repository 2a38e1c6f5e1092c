package io.ectowatch.connect.notify;

import io.ectowatch.connect.catalog.WatchedTable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which table each layout in a payload stands for. Layouts are only ever added: a payload that waits may have been
 * written for a layout that has been replaced since.
 */
final class Layouts {

    private final Map<String, WatchedTable> readable = new ConcurrentHashMap<>();
    private final Map<String, String> former = new ConcurrentHashMap<>();
    private volatile List<WatchedTable> tables = List.of();

    /**
     * Takes over what is watched now. A table of which nothing has changed stays the same object, so that what readers
     * have built for it stays in use.
     *
     * @param formerLayouts layouts of functions that an earlier configuration left in the database, with their tables:
     *     a transaction that began before they were replaced can still send them
     */
    void update(List<WatchedTable> watched, Map<String, String> formerLayouts) {
        former.putAll(formerLayouts);
        tables = watched.stream()
                .map(table -> readable.merge(table.layout(), table, (known, same) -> known.equals(same) ? known : same))
                .toList();
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
