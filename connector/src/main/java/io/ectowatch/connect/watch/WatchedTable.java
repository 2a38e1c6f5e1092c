package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.Layout;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table with all its watchers. The triggers write one row of values per change, for all watchers together.
 *
 * @param shape the table
 * @param watchers its watchers, never empty, with distinct names
 * @param entry what is written for a change
 */
public record WatchedTable(TableShape shape, List<TableWatcher> watchers, ChangeLayout entry) {

    /** A number has a bit for each watcher, where changes are filtered. */
    static final int MOST_WATCHERS = 62;

    /**
     * One watcher's part in a table.
     *
     * @param name the watcher's name
     * @param events the events it publishes, never empty
     * @param extraColumns the columns it adds to its records, in its order; may be empty
     * @param label its label, or null
     * @param topics the topic per event, for each of {@link #events} and of {@link Event#ALWAYS}
     * @param filter its filters and additional output
     */
    public record TableWatcher(
            String name,
            Set<Event> events,
            List<Column> extraColumns,
            @Nullable String label,
            Map<Event, String> topics,
            WatcherFilter filter) {

        public TableWatcher {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(filter, "filter");
            events = Set.copyOf(events);
            extraColumns = List.copyOf(extraColumns);
            topics = Map.copyOf(topics);
            if (events.isEmpty()) {
                throw new IllegalArgumentException("a watcher without events");
            }
        }

        /** A watcher without filters. */
        public TableWatcher(
                Set<Event> events, List<Column> extraColumns, @Nullable String label, Map<Event, String> topics) {
            this(topics.toString(), events, extraColumns, label, topics, WatcherFilter.NONE);
        }

        boolean tellsUpdates() {
            return events.contains(Event.UPDATED);
        }

        /** The same watcher for changes that have been written with these columns, and need no filter any more. */
        private TableWatcher reading(TableShape then) {
            List<Column> extras = extraColumns.stream()
                    .flatMap(column -> then.column(column.name()).stream())
                    .toList();
            List<Column> keys = filter.keyColumns().stream()
                    .map(column -> then.column(column.name()).orElse(column))
                    .toList();
            return new TableWatcher(
                    name,
                    events,
                    extras,
                    label,
                    topics,
                    new WatcherFilter(
                            List.of(),
                            null,
                            keys,
                            filter.changedColumns(),
                            false,
                            filter.oldValues(),
                            filter.collapse()));
        }
    }

    public WatchedTable {
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(entry, "entry");
        watchers = List.copyOf(watchers);
        if (watchers.isEmpty()) {
            throw new IllegalArgumentException(shape.name() + " has no watcher");
        }
    }

    public WatchedTable(TableShape shape, List<TableWatcher> watchers) {
        this(shape, watchers, ChangeLayout.of(shape.key(), watchers));
    }

    /** The table without the watchers of these names; empty if no watcher remains. */
    Optional<WatchedTable> without(Set<String> names) {
        if (names.isEmpty()) {
            return Optional.of(this);
        }
        List<TableWatcher> remaining = watchers.stream()
                .filter(watcher -> !names.contains(watcher.name()))
                .toList();
        return remaining.isEmpty() ? Optional.empty() : Optional.of(new WatchedTable(shape, remaining));
    }

    /** The columns that a change carries, in order: the key first. */
    public List<Column> carried() {
        return entry.carried();
    }

    /** Whether its changes carry only the key and extra columns, and all changes are for all watchers. */
    public boolean isPlain() {
        return entry.isPlain(shape.key().size());
    }

    /** The union of the watchers' events. */
    public Set<Event> events() {
        Set<Event> events = EnumSet.noneOf(Event.class);
        watchers.forEach(watcher -> events.addAll(watcher.events()));
        return events;
    }

    /** A short name of what {@link #entry()} means for this table, see {@link Layout#name}. */
    public String layout() {
        return contents().name();
    }

    /** What {@link #entry()} means for this table. */
    public Layout contents() {
        return new Layout(
                shape.name(),
                shape.key().size(),
                entry.filteredWatchers(),
                entry.fields()
                        .map(column ->
                                new Layout.Column(column.name(), column.kind().name(), column.typeName())));
    }

    /**
     * This table as its rows of that layout were written. Columns that the layout does not have are missing from its
     * records.
     *
     * @throws IllegalArgumentException if a column has a kind that this version does not know
     */
    public WatchedTable writtenAs(Layout layout) {
        ChangeLayout written = new ChangeLayout(
                layout.watchers(),
                layout.fields()
                        .map(column -> new Column(
                                column.name(), ColumnKind.valueOf(column.kind()), column.type(), true, false)));
        List<Column> columns = written.carried();
        List<Column> key = columns.subList(0, layout.keyLength());
        TableShape then = new TableShape(0, layout.table(), "", columns, key, TableShape.Triggers.STATEMENT);
        return new WatchedTable(
                then, watchers.stream().map(watcher -> watcher.reading(then)).toList(), written);
    }
}
