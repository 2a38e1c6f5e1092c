package io.ectowatch.connect.watch;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * When tables are read from the catalog again: finds the known object of each table that has not changed, so that
 * everything built for it stays in use and nothing accumulates with each read.
 */
public final class SameTables {

    private final Map<WatchedTable, WatchedTable> known = new HashMap<>();

    /** @param known the objects of the last read */
    public SameTables(Collection<WatchedTable> known) {
        known.forEach(table -> this.known.put(table, table));
    }

    /** The known object that is equal; otherwise this one, which is then known. */
    public WatchedTable of(WatchedTable table) {
        WatchedTable before = known.putIfAbsent(table, table);
        return before == null ? table : before;
    }
}
