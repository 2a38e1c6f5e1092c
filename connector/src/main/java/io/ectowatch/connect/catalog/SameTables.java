package io.ectowatch.connect.catalog;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds, for tables that have been read from the catalog anew, the objects of before: of a table of which nothing has
 * changed, so that what has been built for it stays in use and nothing piles up from one look to the next.
 */
public final class SameTables {

    private final Map<WatchedTable, WatchedTable> known = new HashMap<>();

    /** {@code known}: the objects of before. */
    public SameTables(Collection<WatchedTable> known) {
        known.forEach(table -> this.known.put(table, table));
    }

    /** The object of before that is equal; or else this one, from now on. */
    public WatchedTable of(WatchedTable table) {
        WatchedTable before = known.putIfAbsent(table, table);
        return before == null ? table : before;
    }
}
