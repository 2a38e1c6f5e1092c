package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import io.ectowatch.connect.watch.WatcherFilter;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watched tables for the tests of this package. */
final class Tables {

    private Tables() {}

    static Column column(String name, ColumnKind kind, String type) {
        return new Column(name, kind, type, true, false);
    }

    static WatchedTable watched(TableName name, List<Column> key, TableWatcher... watchers) {
        TableShape shape = new TableShape(1, name, "postgres", key, key, TableShape.Triggers.STATEMENT);
        return new WatchedTable(shape, Arrays.asList(watchers));
    }

    /** Watched for every event, without a label, with topics such as {@code t.updated}. */
    static TableWatcher watcher(Column... extraColumns) {
        return watcher(null, EnumSet.complementOf(EnumSet.of(Event.RESYNC)), extraColumns);
    }

    static TableWatcher watcher(String label, Set<Event> events, Column... extraColumns) {
        Map<Event, String> topics = new EnumMap<>(Event.class);
        for (Event event : Event.values()) {
            topics.put(event, label == null ? "t." + event : "t." + label);
        }
        return new TableWatcher(events, List.of(extraColumns), label, topics);
    }

    /** A watcher of every event with such options, named and labelled so. */
    static TableWatcher watcher(String name, WatcherFilter filter, Column... extraColumns) {
        TableWatcher plain = watcher(name, EnumSet.complementOf(EnumSet.of(Event.RESYNC)), extraColumns);
        return new TableWatcher(name, plain.events(), plain.extraColumns(), name, plain.topics(), filter);
    }
}
