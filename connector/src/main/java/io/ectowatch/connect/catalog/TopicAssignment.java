package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives each watcher its topics, and notices those who would meet on one without having said so. */
final class TopicAssignment {

    private record Taker(Watcher watcher, TableName table) {}

    private final TopicFormat format;
    private final Map<String, Taker> takers = new HashMap<>();
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final Set<Set<TableName>> met = new HashSet<>();

    TopicAssignment(TopicFormat format) {
        this.format = format;
    }

    /** The topic of each event that the watcher can cause on that table, {@link Event#RESYNC} included. */
    Map<Event, String> topics(Watcher watcher, TableName table) {
        Map<Event, String> topics = new EnumMap<>(Event.class);
        Set<Event> events = EnumSet.copyOf(watcher.events());
        events.add(Event.RESYNC);
        for (Event event : events) {
            String topic = watcher.label() == null ? format.topic(table, event) : format.labelTopic(watcher.label());
            topics.put(event, topic);
            format.obstacle(topic)
                    .ifPresent(reason -> problems.add(new Problem("topic.format", "Table " + table + ": " + reason)));
            meet(watcher, table, event, topic);
        }
        return topics;
    }

    private void meet(Watcher watcher, TableName table, Event event, String topic) {
        Taker first = takers.putIfAbsent(topic, new Taker(watcher, table));
        if (first == null || first.watcher() == watcher && first.table().equals(table)) {
            return;
        }
        boolean sharedLabel = watcher.label() != null
                && watcher.label().equals(first.watcher().label());
        boolean sameTable = first.table().equals(table);
        if (sharedLabel || sameTable && (event == Event.RESYNC || !format.hasEvent())) {
            return;
        }
        if (!sameTable && !met.add(Set.of(first.table(), table))) {
            return; // told already, for another event
        }
        String remedy = first.table().schema().equals(table.schema()) ? "" : "add ${schema} to topic.format, or ";
        problems.add(
                sameTable
                        ? new Problem(
                                watcher.name(),
                                "It reports the same events of " + table + " to the same topic " + topic + " as "
                                        + first.watcher().name() + ": give one of them a label.")
                        : new Problem(
                                "topic.format",
                                "Tables " + first.table() + " and " + table + " would share the topic " + topic + ": "
                                        + remedy + "give one of them a watcher with a label."));
    }

    List<Problem> problems() {
        return new ArrayList<>(problems);
    }
}
