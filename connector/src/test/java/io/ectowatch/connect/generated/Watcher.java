package io.ectowatch.connect.generated;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.generated.GeneratedTable.Column;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The options of a watcher. Its topic has its name. */
record Watcher(
        String name,
        GeneratedTable table,
        Set<Event> events,
        List<Column> columns,
        When when,
        List<Column> extras,
        List<Column> keyColumns,
        boolean label,
        boolean changed,
        boolean skip,
        boolean old,
        boolean replicated,
        boolean rowTriggers) {

    List<String> settings() {
        List<String> settings = new ArrayList<>();
        String prefix = "watchers." + name + ".";
        settings.add(prefix + "table=" + table.sql());
        settings.add(prefix + "topic=" + name);
        settings.add(prefix + "events=" + events.stream().map(Event::text).collect(Collectors.joining(",")));
        add(settings, prefix + "columns=", columns);
        add(settings, prefix + "extra.columns=", extras);
        add(settings, prefix + "key.columns=", keyColumns);
        if (when != null) {
            settings.add(prefix + "when=" + when.sql(table.number()));
        }
        if (label) {
            settings.add(prefix + "label=about_" + name);
        }
        flag(settings, prefix + "include.changed.columns=", changed);
        flag(settings, prefix + "skip.unchanged.updates=", skip);
        flag(settings, prefix + "old.values=", old);
        flag(settings, prefix + "replicated=", replicated);
        flag(settings, prefix + "row.triggers=", rowTriggers);
        return settings;
    }

    private static void flag(List<String> settings, String name, boolean value) {
        if (value) {
            settings.add(name + true);
        }
    }

    private static void add(List<String> settings, String name, Collection<Column> columns) {
        if (!columns.isEmpty()) {
            settings.add(name + columns.stream().map(Column::sql).collect(Collectors.joining(", ")));
        }
    }

    /** Whether it publishes every change of a row. */
    boolean publishesAll() {
        return events.containsAll(Set.of(Event.INSERTED, Event.UPDATED, Event.DELETED))
                && columns.isEmpty()
                && when == null
                && !skip;
    }

    /** The same watcher with an option less, for each of its options. */
    List<Watcher> simpler() {
        List<Watcher> simpler = new ArrayList<>();
        simpler.add(new Watcher(
                name,
                table,
                events,
                List.of(),
                when,
                extras,
                keyColumns,
                label,
                changed,
                skip,
                old,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                null,
                extras,
                keyColumns,
                label,
                changed,
                skip,
                old,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                when,
                List.of(),
                keyColumns,
                label,
                changed,
                skip,
                false,
                replicated,
                rowTriggers));
        for (Column extra : extras) {
            List<Column> fewer = new ArrayList<>(extras);
            fewer.remove(extra);
            simpler.add(new Watcher(
                    name,
                    table,
                    events,
                    columns,
                    when,
                    fewer,
                    keyColumns,
                    label,
                    changed,
                    skip,
                    old && !fewer.isEmpty(),
                    replicated,
                    rowTriggers));
        }
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                when,
                extras,
                List.of(),
                label,
                changed,
                skip,
                old,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                when,
                extras,
                keyColumns,
                false,
                changed,
                skip,
                old,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                when,
                extras,
                keyColumns,
                label,
                false,
                skip,
                old,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                when,
                extras,
                keyColumns,
                label,
                changed,
                false,
                old,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name,
                table,
                events,
                columns,
                when,
                extras,
                keyColumns,
                label,
                changed,
                skip,
                false,
                replicated,
                rowTriggers));
        simpler.add(new Watcher(
                name, table, events, columns, when, extras, keyColumns, label, changed, skip, old, false, rowTriggers));
        simpler.add(new Watcher(
                name, table, events, columns, when, extras, keyColumns, label, changed, skip, old, replicated, false));
        simpler.removeIf(this::equals);
        return simpler;
    }
}
