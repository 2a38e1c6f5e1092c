package io.ectowatch.connect.watch;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gives each watcher its topics, and reports watchers that would share a topic unintentionally. */
final class TopicAssignment {

    private record Taker(Watcher watcher, TableName table) {}

    private final TopicFormat format;
    private final Map<String, Taker> takers = new HashMap<>();
    private final Set<TableProblem> problems = new LinkedHashSet<>();
    private final Set<Set<TableName>> met = new HashSet<>();
    private final CollidingTopics colliding = new CollidingTopics();

    TopicAssignment(TopicFormat format) {
        this.format = format;
        format.heartbeatTopic().ifPresent(topic -> colliding.add(topic, "the heartbeats"));
    }

    /** The topic of each event that the watcher can publish for that table, {@link Event#ALWAYS} included. */
    Map<Event, String> topics(Watcher watcher, TableName table) {
        Map<Event, String> topics = new EnumMap<>(Event.class);
        Set<Event> events = EnumSet.copyOf(watcher.events());
        events.addAll(Event.ALWAYS);
        for (Event event : events) {
            String topic = topic(watcher, table, event);
            topics.put(event, topic);
            format.obstacle(topic)
                    .ifPresent(reason ->
                            add(table, new ConfigProblem(topicSetting(watcher), "Table " + table + ": " + reason)));
            keepFromHeartbeats(watcher, table, topic);
            meet(watcher, table, event, topic);
            colliding
                    .add(topic, watcher.name() + " on " + table)
                    .ifPresent(reason -> add(table, new ConfigProblem(topicSetting(watcher), reason)));
        }
        return topics;
    }

    private void keepFromHeartbeats(Watcher watcher, TableName table, String topic) {
        if (format.heartbeatTopic().filter(topic::equals).isPresent()) {
            add(
                    table,
                    new ConfigProblem(
                            topicSetting(watcher),
                            "The records of " + table + " would share the topic " + topic + " with the heartbeats."
                                    + " Give the table a watcher with another label or topic, or set"
                                    + " heartbeat.interval.ms to 0."));
        }
    }

    private String topic(Watcher watcher, TableName table, Event event) {
        if (watcher.options().topic() != null) {
            return format.within(watcher.options().topic(), event);
        }
        return watcher.label() == null
                ? format.topic(table, event)
                : format.within(format.labelTopic(watcher.label()), event);
    }

    private static String topicSetting(Watcher watcher) {
        if (watcher.options().topic() != null) {
            return watcher.name() + ".topic";
        }
        return watcher.label() == null ? "topic.format" : watcher.name() + ".label";
    }

    /** The topic or label that the watcher sets itself, or null. */
    private static @Nullable String choice(Watcher watcher) {
        if (watcher.options().topic() != null) {
            return "topic " + watcher.options().topic();
        }
        return watcher.label() == null ? null : "label " + watcher.label();
    }

    private void meet(Watcher watcher, TableName table, Event event, String topic) {
        Taker first = takers.putIfAbsent(topic, new Taker(watcher, table));
        if (first == null || first.watcher() == watcher && first.table().equals(table)) {
            return;
        }
        String choice = choice(watcher);
        String firstChoice = choice(first.watcher());
        if (choice != null && choice.equals(firstChoice)) {
            return;
        }
        boolean sameTable = first.table().equals(table);
        if (choice == null && firstChoice == null && sameTable && (!event.watchable() || !format.hasEvent())) {
            return;
        }
        if (choice == null && firstChoice == null && !sameTable && format.mayShare(first.table(), table)) {
            return;
        }
        if (choice != null || firstChoice != null) {
            Watcher chooser = choice != null ? watcher : first.watcher();
            add(
                    table,
                    new ConfigProblem(
                            chooser.name() + (chooser.options().topic() != null ? ".topic" : ".label"),
                            "Its records would share the topic " + topic + " with those of "
                                    + (chooser == watcher ? first.watcher() : watcher).name() + " on "
                                    + (chooser == watcher ? first.table() : table)
                                    + ". Choose another one, or set the same topic for both if you want that."));
            return;
        }
        if (!sameTable && !met.add(Set.of(first.table(), table))) {
            return; // already reported for another event
        }
        String remedy = first.table().schema().equals(table.schema())
                ? "Give"
                : "Add ${schema} to topic.format, or set key.schema=true if the tables are to share a topic, or give";
        add(
                table,
                sameTable
                        ? new ConfigProblem(
                                watcher.name(),
                                "It publishes the same events of " + table + " to the same topic " + topic + " as "
                                        + first.watcher().name() + ". Give one of them a label.")
                        : new ConfigProblem(
                                "topic.format",
                                "Tables " + first.table() + " and " + table + " would share the topic " + topic + ". "
                                        + remedy + " one of them a watcher with a label."));
    }

    private void add(TableName table, ConfigProblem problem) {
        problems.add(new TableProblem(TableProblem.Kind.SETTINGS, List.of(table.toString()), problem));
    }

    List<TableProblem> problems() {
        return new ArrayList<>(problems);
    }
}
