package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds watchers whose deletions must not be followed by tombstones, or for which tombstones have no effect. */
final class TombstoneValidator {

    private final TopicFormat format;
    private final List<Watcher> watchers;
    private final boolean schemaInKey;
    private final List<String> obstacles = new ArrayList<>();

    /** @param schemaInKey whether keys contain the table's schema */
    TombstoneValidator(TopicFormat format, List<Watcher> watchers, boolean schemaInKey) {
        this.schemaInKey = schemaInKey;
        this.format = format;
        this.watchers = watchers.stream()
                .filter(watcher -> watcher.events().contains(Event.DELETED))
                .toList();
    }

    /** A problem for each reason, all on {@code tombstones}; none if tombstones make sense. */
    List<ConfigProblem> problems() {
        if (watchers.isEmpty()) {
            obstacles.add("Tombstones follow deletions, but no watcher publishes deletions. Add deleted to events, or"
                    + " remove this setting.");
        }
        checkFormat();
        watchers.forEach(this::checkKey);
        checkSharedTopics();
        return obstacles.stream()
                .map(obstacle -> new ConfigProblem(RecordFragment.TOMBSTONES_CONFIG, obstacle))
                .toList();
    }

    private void checkFormat() {
        if (format.hasEvent() && watchers.stream().anyMatch(watcher -> topic(watcher) == null)) {
            obstacles.add("With this topic.format deletions go to a separate topic, where a tombstone has nothing"
                    + " to remove. Remove ${event} from topic.format, as in ${prefix}.${table}.");
        }
    }

    private void checkKey(Watcher watcher) {
        if (!watcher.options().keyColumns().isEmpty()) {
            obstacles.add("The record key of " + watcher.name() + " is " + watcher.name() + ".key.columns, which"
                    + " other rows may share. A tombstone would remove their records, too. Remove deleted from"
                    + " its events, or remove its key.columns.");
        }
    }

    private void checkSharedTopics() {
        Map<String, Watcher> takers = new HashMap<>();
        for (Watcher watcher : watchers) {
            String topic = topic(watcher);
            if (topic == null) {
                continue;
            }
            Watcher first = takers.putIfAbsent(topic, watcher);
            if (watcher.pattern().isGlob() && !differInSchemaOnly(watcher, watcher)) {
                shared(topic, "the tables that " + watcher.name() + " watches");
            } else if (first != null
                    && !first.pattern().equals(watcher.pattern())
                    && !differInSchemaOnly(first, watcher)) {
                shared(topic, first.name() + " and " + watcher.name());
            }
        }
    }

    /** Whether the keys of all rows that the two watch differ. */
    private boolean differInSchemaOnly(Watcher one, Watcher other) {
        return schemaInKey
                && one.pattern().exactTable().isPresent()
                && one.pattern().exactTable().equals(other.pattern().exactTable());
    }

    private void shared(String topic, String whose) {
        obstacles.add("Rows of different tables can have the same key, but the topic " + topic + " is shared by "
                + whose + ". A tombstone for one row would remove the other one's records. Give each table its own"
                + " topic.");
    }

    /** The topic that the watcher sets itself, or null. */
    private @Nullable String topic(Watcher watcher) {
        if (watcher.options().topic() != null) {
            return watcher.options().topic();
        }
        return watcher.label() == null ? null : format.labelTopic(watcher.label());
    }
}
