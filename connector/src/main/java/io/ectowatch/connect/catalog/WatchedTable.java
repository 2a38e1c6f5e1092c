package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A table together with everybody who watches it. The triggers carry one row of values per change, for all watchers at
 * once.
 *
 * @param shape the table
 * @param watchers who watches it, never empty
 * @param carried the columns that a change carries, in their order: the key, then every extra column that any watcher
 *     asks for
 */
public record WatchedTable(TableShape shape, List<TableWatcher> watchers, List<Column> carried) {

    private static final int LAYOUT_DIGITS = 12;

    /**
     * One watcher's part in a table.
     *
     * @param events what it wants to hear of, never empty
     * @param extraColumns the columns it wants carried along, in its order; may be empty
     * @param label its label, or null
     * @param topics the topic per event, for each of {@link #events} and for {@link Event#RESYNC}
     */
    public record TableWatcher(Set<Event> events, List<Column> extraColumns, String label, Map<Event, String> topics) {

        public TableWatcher {
            events = Set.copyOf(events);
            extraColumns = List.copyOf(extraColumns);
            topics = Map.copyOf(topics);
            if (events.isEmpty()) {
                throw new IllegalArgumentException("a watcher without events");
            }
        }
    }

    public WatchedTable {
        Objects.requireNonNull(shape, "shape");
        watchers = List.copyOf(watchers);
        carried = List.copyOf(carried);
        if (watchers.isEmpty()) {
            throw new IllegalArgumentException(shape.name() + " has no watcher");
        }
    }

    public WatchedTable(TableShape shape, List<TableWatcher> watchers) {
        this(shape, watchers, carried(shape, watchers));
    }

    private static List<Column> carried(TableShape shape, List<TableWatcher> watchers) {
        Set<Column> columns = new LinkedHashSet<>(shape.key());
        watchers.forEach(watcher -> columns.addAll(watcher.extraColumns()));
        return List.copyOf(columns);
    }

    /** The union of the watchers' events. */
    public Set<Event> events() {
        Set<Event> events = EnumSet.noneOf(Event.class);
        watchers.forEach(watcher -> events.addAll(watcher.events()));
        return events;
    }

    /**
     * A short name of what {@link #carried()} gives for this table: the same as long as the same columns of the same
     * kinds travel in the same order, so that what was written for another layout is never misread.
     */
    public String layout() {
        List<String> parts = new ArrayList<>();
        parts.add(shape.name().schema());
        parts.add(shape.name().table());
        parts.add(Integer.toString(shape.key().size()));
        for (Column column : carried) {
            parts.add(column.name());
            parts.add(column.kind().name());
        }
        return SqlText.hash(LAYOUT_DIGITS, parts.toArray(new String[0]));
    }
}
