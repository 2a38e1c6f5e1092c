package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.WatchedTable;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is made once for each table and used for each of its changes. It is found by the table's identity, since comparing
 * tables would take longer than reading a change; the sources hand out the same object as long as a table has not changed.
 * What was made for tables that are gone is dropped. Belongs to one thread.
 */
public final class PerTable<T> {

    /** So many more than there are tables in use may stay: changes that wait may be of tables as they were. */
    private static final int SPARE = 16;

    private final Function<WatchedTable, T> make;
    private final Supplier<? extends Collection<WatchedTable>> inUse;
    private final Map<WatchedTable, T> made = new IdentityHashMap<>();

    /** {@code inUse}: the tables that changes can be of from now on. */
    public PerTable(Function<WatchedTable, T> make, Supplier<? extends Collection<WatchedTable>> inUse) {
        this.make = make;
        this.inUse = inUse;
    }

    /** What belongs to the table. */
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

    /** For how many tables there is something. */
    public int size() {
        return made.size();
    }
}
