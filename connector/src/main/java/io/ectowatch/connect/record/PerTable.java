package io.ectowatch.connect.record;

import io.ectowatch.connect.watch.WatchedTable;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Objects that are created once for each table and used for each of its changes. The lookup is by the table's
 * identity, since comparing tables would take longer than reading a change; the sources return the same object as
 * long as a table has not changed. Entries of former tables are dropped. Not thread-safe.
 */
public final class PerTable<T> {

    /** So many entries more than tables in use may stay: waiting changes may belong to former versions of tables. */
    private static final int SPARE = 16;

    private final Function<WatchedTable, T> make;
    private final Supplier<? extends Collection<WatchedTable>> inUse;
    private final Map<WatchedTable, T> made = new IdentityHashMap<>();

    /** @param inUse the tables whose changes may follow */
    public PerTable(Function<WatchedTable, T> make, Supplier<? extends Collection<WatchedTable>> inUse) {
        this.make = make;
        this.inUse = inUse;
    }

    /** The object of the table. */
    public T of(WatchedTable table) {
        T known = made.get(table);
        if (known != null) {
            return known;
        }
        Collection<WatchedTable> used = inUse.get();
        if (made.size() >= used.size() + SPARE) {
            Set<WatchedTable> kept = Collections.newSetFromMap(new IdentityHashMap<>());
            kept.addAll(used);
            made.keySet().retainAll(kept);
        }
        T fresh = make.apply(table);
        made.put(table, fresh);
        return fresh;
    }

    /** The number of entries. */
    public int size() {
        return made.size();
    }
}
