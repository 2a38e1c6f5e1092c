package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.names.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tables that the settings ask for and that cannot be watched now. Changes that were captured before can still be
 * published, and so can a resync.
 *
 * @param watchers what the user asked for
 * @param topics how topics are named
 */
public record AbsentTables(List<Watcher> watchers, TopicFormat topics) {

    public AbsentTables {
        watchers = List.copyOf(watchers);
    }

    /**
     * Whether a watcher asks for the table.
     *
     * @param name as {@code schema.table}; both can contain dots
     */
    public boolean include(String name) {
        return asked(name).isPresent();
    }

    /**
     * As {@link #of(TableName)}.
     *
     * @param name as {@code schema.table}; both can contain dots
     */
    public Optional<WatchedTable> of(String name) {
        return asked(name).flatMap(this::of);
    }

    private Optional<TableName> asked(String name) {
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            TableName split = new TableName(name.substring(0, dot), name.substring(dot + 1));
            if (watchers.stream().anyMatch(watcher -> watcher.pattern().matches(split))) {
                return Optional.of(split);
            }
        }
        return Optional.empty();
    }

    /**
     * The table with its watchers, of which nothing but names is known; empty if no watcher asks for it. To be used for
     * names and topics only.
     */
    public Optional<WatchedTable> of(TableName name) {
        TopicAssignment assignment = new TopicAssignment(topics);
        List<WatchedTable.TableWatcher> parts = new ArrayList<>();
        boolean shortForm = false;
        for (Watcher watcher : watchers) {
            if (!watcher.pattern().matches(name) || watcher.shortForm() && shortForm) {
                continue;
            }
            shortForm |= watcher.shortForm();
            parts.add(new WatchedTable.TableWatcher(
                    watcher.name(),
                    watcher.events(),
                    columns(watcher.extraColumns()),
                    watcher.label(),
                    assignment.topics(watcher, name),
                    new WatcherFilter(
                            List.of(),
                            null,
                            columns(watcher.options().keyColumns()),
                            watcher.options().changedColumns(),
                            false,
                            watcher.options().oldValues()
                                    && !watcher.extraColumns().isEmpty(),
                            watcher.events().contains(Event.UPDATED)
                                    ? watcher.options().collapse()
                                    : Collapse.NONE)));
        }
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        TableShape shape =
                new TableShape(0, name, "", List.of(), columns(List.of("unknown")), TableShape.Triggers.STATEMENT);
        return Optional.of(new WatchedTable(shape, parts));
    }

    private static List<Column> columns(List<String> names) {
        return names.stream()
                .map(name -> new Column(name, ColumnKind.TEXT, "text", true, false))
                .toList();
    }
}
