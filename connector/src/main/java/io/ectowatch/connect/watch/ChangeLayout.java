package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.protocol.EntryFields;
import io.ectowatch.connect.protocol.EntryFields.Kind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a table's triggers write for each change: a JSON array of the values of {@link EntryFields}.
 *
 * @param filteredWatchers the names of all watchers, if one of them filters changes; empty if each change is for all watchers
 * @param fields the values
 */
public record ChangeLayout(List<String> filteredWatchers, EntryFields<Column> fields) {

    public ChangeLayout {
        filteredWatchers = List.copyOf(filteredWatchers);
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
        List<String> filteredWatchers = filtered
                ? watchers.stream().map(WatchedTable.TableWatcher::name).toList()
                : List.of();
        return new ChangeLayout(
                filteredWatchers,
                EntryFields.of(
                        filtered,
                        List.copyOf(keyFields),
                        List.copyOf(keptBefore),
                        changed,
                        List.copyOf(extras),
                        List.copyOf(extrasBefore)));
    }

    /** The columns whose values a change carries: {@link #keyFields}, then the extra columns that are not among these. */
    public List<Column> carried() {
        return fields.columns(Kind.VALUE);
    }

    /** The columns whose previous values an update carries. */
    public List<Column> before() {
        return fields.columns(Kind.PREVIOUS);
    }

    /** The columns that a shortened change carries too: the primary key, then the columns that watchers use as record keys. */
    public List<Column> keyFields() {
        return fields.shortenedColumns(Kind.VALUE);
    }

    /** Those of {@link #keyFields} whose previous values are needed. */
    public List<Column> keptBefore() {
        return fields.shortenedColumns(Kind.PREVIOUS);
    }

    /** Whether it consists only of the carried columns, and {@link #keyFields} is the key of {@code keyLength} columns. */
    public boolean isPlain(int keyLength) {
        return fields.shortLength() == keyLength && fields.all().stream().allMatch(field -> field.kind() == Kind.VALUE);
    }
}
