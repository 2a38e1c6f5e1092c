package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a table's triggers write for each change: a JSON array of these elements, in this order:
 *
 * <ol>
 *   <li>if {@link #filteredWatchers} is not empty: a number with a bit for each of them, which says whether the change is for
 *       that watcher
 *   <li>the values of {@link #keyFields}, then the previous values of {@link #keptBefore}
 *   <li>the names of the columns that changed, if {@link #changed}
 *   <li>the values of {@link #extras}, then the previous values of {@link #extrasBefore}
 * </ol>
 *
 * A change that is too large ends after the second. Only updates have previous values and changed columns; other
 * changes have nulls there.
 *
 * @param choosers the names of all watchers, if one of them filters changes; empty if each change is for all watchers
 * @param kept the primary key, then the columns that watchers use as record keys
 * @param keptBefore those of {@code kept} whose previous values are needed
 * @param changed whether the names of changed columns are written
 * @param extras the extra columns that are not in {@code kept}
 * @param extrasBefore the extra columns whose previous values are needed
 */
public record ChangeLayout(
        List<String> filteredWatchers,
        List<Column> keyFields,
        List<Column> keptBefore,
        boolean changed,
        List<Column> extras,
        List<Column> extrasBefore) {

    public ChangeLayout {
        filteredWatchers = List.copyOf(filteredWatchers);
        keyFields = List.copyOf(keyFields);
        keptBefore = List.copyOf(keptBefore);
        extras = List.copyOf(extras);
        extrasBefore = List.copyOf(extrasBefore);
    }

    /** The shape that these watchers of a table with this primary key need. */
    static ChangeLayout of(List<Column> key, List<WatchedTable.TableWatcher> watchers) {
        Set<Column> keyFields = new LinkedHashSet<>(key);
        Set<Column> keptBefore = new LinkedHashSet<>();
        Set<Column> extras = new LinkedHashSet<>();
        Set<Column> extrasBefore = new LinkedHashSet<>();
        boolean filtered = false;
        boolean changed = false;
        for (WatchedTable.TableWatcher watcher : watchers) {
            WatcherFilter filter = watcher.filter();
            keyFields.addAll(filter.keyColumns());
            extras.addAll(watcher.extraColumns());
            filtered |= watcher.events().stream().anyMatch(filter::filters);
            if (watcher.tellsUpdates()) {
                keptBefore.addAll(filter.keyColumns());
                changed |= filter.changedColumns();
                extrasBefore.addAll(filter.oldValues() ? watcher.extraColumns() : List.of());
            }
        }
        // An update never changes the primary key: that is a deletion and an insertion.
        key.forEach(keptBefore::remove);
        extras.removeAll(keyFields);
        return new ChangeLayout(
                filtered
                        ? watchers.stream().map(WatchedTable.TableWatcher::name).toList()
                        : List.of(),
                List.copyOf(keyFields),
                List.copyOf(keptBefore),
                changed,
                List.copyOf(extras),
                List.copyOf(extrasBefore));
    }

    /** The columns whose values a change carries: {@link #keyFields} and {@link #extras}. */
    public List<Column> carried() {
        return joined(keyFields, extras);
    }

    /** The columns whose previous values an update carries: {@link #keptBefore} and {@link #extrasBefore}. */
    public List<Column> before() {
        return joined(keptBefore, extrasBefore);
    }

    /** Whether it consists only of the carried columns, and {@link #keyFields} is the key of {@code keyLength} columns. */
    public boolean isPlain(int keyLength) {
        return filteredWatchers.isEmpty() && keyFields.size() == keyLength && before().isEmpty() && !changed;
    }

    /** How many values the array has. */
    int size() {
        return (filteredWatchers.isEmpty() ? 0 : 1) + carried().size() + before().size() + (changed ? 1 : 0);
    }

    private static List<Column> joined(List<Column> first, List<Column> second) {
        List<Column> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
