package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reports watchers that share a label or a topic on purpose, but whose records have different forms. */
final class SharedTopics {

    /** The form of a watcher's records, apart from the table's name. */
    private record Look(String key, String values, boolean changed, boolean old, boolean count) {

        @Override
        public String toString() {
            return "key " + key + (values.isEmpty() ? "" : ", values " + values) + (changed ? ", changed" : "")
                    + (old ? ", old" : "") + (count ? ", count" : "");
        }
    }

    private record Taker(Watcher watcher, Look look) {}

    private final Map<String, List<Taker>> takers = new HashMap<>();
    private final Set<TableProblem> problems = new LinkedHashSet<>();

    void add(Watcher watcher, TableShape table, TableWatcher part) {
        boolean topic = watcher.options().topic() != null;
        String shared = topic ? watcher.options().topic() : watcher.label();
        if (shared == null) {
            return;
        }
        WatcherFilter filter = part.filter();
        Look look = new Look(
                columns(filter.keyColumns().isEmpty() ? table.key() : filter.keyColumns()),
                columns(part.extraColumns()),
                filter.changedColumns(),
                filter.oldValues(),
                filter.collapse() != Collapse.NONE);
        List<Taker> others = takers.computeIfAbsent((topic ? "topic " : "label ") + shared, any -> new ArrayList<>());
        // Tables of the same pattern may differ: the user chose one topic for all of them.
        others.stream()
                .filter(other -> other.watcher() != watcher && !other.look().equals(look))
                .findFirst()
                .ifPresent(other -> add(
                        table,
                        new ConfigProblem(
                                watcher.name() + (topic ? ".topic" : ".label"),
                                "The records of " + watcher.name() + " (" + look + ") and "
                                        + other.watcher().name() + " ("
                                        + other.look() + ") have different forms, but would share the "
                                        + (topic ? "topic " : "label ") + shared
                                        + ". Give both the same key and extra columns, or give one of them another "
                                        + (topic ? "topic." : "label."))));
        others.add(new Taker(watcher, look));
    }

    private static String columns(List<Column> columns) {
        return columns.stream()
                .map(column -> column.name() + " " + column.kind().name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ", columns.isEmpty() ? "" : "(", columns.isEmpty() ? "" : ")"));
    }

    private void add(TableShape table, ConfigProblem problem) {
        problems.add(new TableProblem(
                TableProblem.Kind.SETTINGS, List.of(table.name().toString()), problem));
    }

    List<TableProblem> problems() {
        return new ArrayList<>(problems);
    }
}
