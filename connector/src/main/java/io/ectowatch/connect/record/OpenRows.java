package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.watch.WatchedTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of one table whose last change may still be taken in by a following update, in one poll. */
final class OpenRows {

    /** A primary key. It can contain arrays of bytes, which are equal only to themselves. */
    private record Key(List<?> values) {

        static Key of(Object[] values, int length) {
            Object[] key = Arrays.copyOf(values, length);
            for (int i = 0; i < length; i++) {
                if (key[i] instanceof byte[] bytes) {
                    key[i] = ByteBuffer.wrap(bytes);
                }
            }
            return new Key(Arrays.asList(key));
        }
    }

    /**
     * What a watcher would publish of a row so far.
     *
     * @param number the number of its last change
     * @param first the number of the first change for which it stands
     */
    private record Open(int number, Change change, int first) {}

    private final WatchedTable table;
    private final RecordFactory factory;
    private final CollapsedChanges changes;
    private final boolean[] collapsing;
    private final boolean any;
    private final Map<Key, @Nullable Open[]> rows = new HashMap<>();

    /** @param behind whether the task is behind */
    OpenRows(WatchedTable table, RecordFactory factory, boolean behind, CollapsedChanges changes) {
        this.table = table;
        this.factory = factory;
        this.changes = changes;
        collapsing = new boolean[table.watchers().size()];
        boolean some = false;
        for (int i = 0; i < collapsing.length; i++) {
            Collapse mode = table.watchers().get(i).filter().collapse();
            collapsing[i] = mode == Collapse.ALWAYS || mode == Collapse.BACKLOG && behind;
            some |= collapsing[i];
        }
        any = some;
    }

    WatchedTable table() {
        return table;
    }

    void add(int number, Change change) {
        Row row = change.row();
        if (!any) {
            return;
        }
        if (row == null) {
            rows.clear(); // a truncation, or a resync: all rows may be others
            return;
        }
        Key key = Key.of(row.values(), table.shape().key().size());
        // An insertion that belongs to a change of the key, and rows without their values, are published as they are.
        boolean joins = row.statement() == 0 && !row.extrasLeftOut();
        boolean update = joins && change.event() == Event.UPDATED;
        if (!update) {
            rows.remove(key);
        }
        if (update || joins && change.event() == Event.INSERTED) {
            open(rows.computeIfAbsent(key, absent -> new Open[collapsing.length]), number, change);
        }
    }

    private void open(@Nullable Open[] byWatcher, int number, Change change) {
        for (int watcher = 0; watcher < byWatcher.length; watcher++) {
            if (!collapsing[watcher] || !factory.publishes(watcher, change)) {
                continue;
            }
            Open before = byWatcher[watcher];
            if (factory.movesKey(watcher, change)) {
                byWatcher[watcher] = null; // it has two records
            } else if (before == null || !mayJoin(before.change(), change)) {
                byWatcher[watcher] = new Open(number, change, number);
            } else {
                Change joined = joined(before.change(), change);
                changes.prepare(before.number(), before.change(), factory);
                changes.prepare(number, change, factory);
                changes.replace(watcher, before.number(), number, joined, before.first());
                byWatcher[watcher] = new Open(number, joined, before.first());
            }
        }
    }

    /** Whether a record may stand for both: what it says of the later change must hold for the earlier one, too. */
    private static boolean mayJoin(Change earlier, Change later) {
        return Objects.equals(earlier.context(), later.context());
    }

    /** The later change, which then stands for the earlier one, too. */
    private Change joined(Change earlier, Change later) {
        Row first = earlier.row();
        Row last = later.row();
        if (first == null || last == null) {
            throw new IllegalArgumentException("a change without a row");
        }
        Row row = new Row(
                last.values(),
                false,
                last.choice(),
                united(first.changed(), last.changed()),
                first.before(),
                0,
                first.count() + last.count());
        return new Change(
                table,
                earlier.event(),
                later.id(),
                later.transactionId(),
                later.at(),
                row,
                later.backfill(),
                later.visibleAt(),
                later.context());
    }

    /** The names in both, in the table's order; null if some are unknown. */
    private @Nullable List<String> united(@Nullable List<String> first, @Nullable List<String> last) {
        if (first == null || last == null) {
            return null;
        }
        if (first.containsAll(last)) {
            return first;
        }
        Set<String> names = new LinkedHashSet<>(first);
        names.addAll(last);
        List<String> order = table.shape().columns().stream().map(Column::name).toList();
        List<String> sorted = new ArrayList<>(names);
        sorted.sort(Comparator.comparingInt(name -> order.contains(name) ? order.indexOf(name) : order.size()));
        return List.copyOf(sorted);
    }
}
