package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.install.objects.LayoutRegistry;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.AbsentTables;
import io.ectowatch.connect.watch.SameTables;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The contents of journal rows, by layout number. One thread learns; all threads may ask. */
public final class KnownLayouts {

    private static final int MOST_GONE = 1_000;

    private final LayoutRegistry registry;
    private final AbsentTables absent;
    private final Supplier<List<WatchedTable>> watched;
    /** Layouts that were not found; forgotten when the watched tables change. */
    private final Set<Integer> unwatched = new HashSet<>();

    /**
     * Layouts of tables that are not watched any more: some of their rows may still be in transit, but hardly of this
     * many.
     */
    private final Map<Integer, WatchedTable> gone = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, WatchedTable> eldest) {
            return size() > MOST_GONE;
        }
    };

    private volatile Map<Integer, WatchedTable> byNumber = Map.of();
    /** Registered layouts of tables that are not watched. */
    private volatile Set<Integer> passedOver = Set.of();

    private volatile List<WatchedTable> tables = List.of();

    /**
     * @param watched the tables as they were found when the catalog was last read
     * @param absent tables that are asked for and not watched now
     */
    public KnownLayouts(ObjectNames names, Supplier<List<WatchedTable>> watched, AbsentTables absent) {
        this.absent = absent;
        registry = new LayoutRegistry(names);
        this.watched = watched;
    }

    public Map<Integer, WatchedTable> byNumber() {
        return byNumber;
    }

    /** The number under which a table that is watched now has its rows in the journal. */
    private int number(WatchedTable table) {
        return byNumber.entrySet().stream()
                .filter(known -> known.getValue().shape().oid() == table.shape().oid()
                        && known.getValue().layout().equals(table.layout()))
                .mapToInt(Map.Entry::getKey)
                .max()
                .orElseThrow();
    }

    /** The numbers of watched tables; and of those of these names that are not watched any more, as far as they have one. */
    public List<Integer> numbers(List<WatchedTable> watchedTables, Set<String> absentTables) {
        List<Integer> numbers = new ArrayList<>();
        watchedTables.forEach(table -> numbers.add(number(table)));
        for (String name : absentTables) {
            byNumber.entrySet().stream()
                    .filter(known -> known.getValue().shape().name().toString().equals(name))
                    .map(Map.Entry::getKey)
                    .max(Integer::compare)
                    .ifPresent(numbers::add);
        }
        return numbers;
    }

    /** The tables that were watched when these were last learnt. */
    public List<WatchedTable> tables() {
        return tables;
    }

    /** Whether its rows belong to a table that is not watched. Of a layout that is not registered nothing is known. */
    public boolean isPassedOver(int layout) {
        return passedOver.contains(layout);
    }

    /** All tables whose changes can be in the journal. */
    public Collection<WatchedTable> inUse() {
        Set<WatchedTable> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(tables);
        all.addAll(byNumber.values());
        return all;
    }

    /** Rows in transit were written for the tables as they were: these layouts stay known. */
    public void learn(Connection connection) throws SQLException {
        SameTables same = new SameTables(inUse());
        List<WatchedTable> now = watched.get().stream().map(same::of).toList();
        LayoutRegistry.Registered registered = registry.read(connection, now, absent);
        Map<Integer, WatchedTable> known = registered.watched();
        known.replaceAll((layout, table) -> same.of(table));
        byNumber.forEach((layout, table) -> {
            if (!known.containsKey(layout)) {
                gone.putIfAbsent(layout, table);
            }
        });
        gone.keySet().removeAll(known.keySet());
        known.putAll(gone);
        byNumber = Map.copyOf(known);
        passedOver = Set.copyOf(registered.unwatched());
        tables = now;
        unwatched.clear();
    }

    /** Another role may have created triggers for the next configuration already: see {@code install.mode}. */
    public void learnThoseOf(List<JournalRow> rows, Connection connection) throws SQLException {
        if (rows.stream().allMatch(row -> byNumber.containsKey(row.layout()) || unwatched.contains(row.layout()))) {
            return;
        }
        learn(connection);
        rows.stream()
                .map(JournalRow::layout)
                .filter(layout -> !byNumber.containsKey(layout))
                .forEach(unwatched::add);
    }
}
