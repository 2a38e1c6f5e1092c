package io.ectowatch.connect.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds watchers whose deletions must not be followed by tombstones, or need not. */
final class TombstoneSense {

    private final TopicFormat format;
    private final List<Watcher> watchers;
    private final List<String> obstacles = new ArrayList<>();

    TombstoneSense(TopicFormat format, List<Watcher> watchers) {
        this.format = format;
        this.watchers = watchers.stream()
                .filter(watcher -> watcher.events().contains(Event.DELETED))
                .toList();
    }

    /** One for each reason, all on {@code tombstones}; none where they make sense. */
    List<Problem> problems() {
        if (watchers.isEmpty()) {
            obstacles.add("No watcher reports deletions, which they follow: add deleted to events, or leave it out.");
        }
        checkFormat();
        watchers.forEach(this::checkKey);
        checkSharedTopics();
        return obstacles.stream()
                .map(obstacle -> new Problem(RecordFragment.TOMBSTONES_CONFIG, obstacle))
                .toList();
    }

    private void checkFormat() {
        if (format.hasEvent() && watchers.stream().anyMatch(watcher -> topic(watcher) == null)) {
            obstacles.add("By topic.format deletions have a topic of their own, where there is nothing that a tombstone"
                    + " could remove: leave ${event} out of topic.format, as in ${prefix}.${table}.");
        }
    }

    private void checkKey(Watcher watcher) {
        if (!watcher.options().keyColumns().isEmpty()) {
            obstacles.add(
                    "The records of " + watcher.name() + " have " + watcher.name() + ".key.columns for a key, which"
                            + " other rows may have as well: a tombstone would remove what is known of those. Leave deleted out"
                            + " of its events, or key.columns out.");
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
            if (watcher.pattern().isGlob()) {
                shared(topic, "the tables that " + watcher.name() + " watches");
            } else if (first != null && !first.pattern().equals(watcher.pattern())) {
                shared(topic, first.name() + " and " + watcher.name());
            }
        }
    }

    private void shared(String topic, String whose) {
        obstacles.add("Rows of different tables may have the same key, and the topic " + topic + " is shared by "
                + whose + ": a tombstone for one row would remove the other. Give each table a topic of its own.");
    }

    /** What it names for itself, or null. */
    private String topic(Watcher watcher) {
        if (watcher.options().topic() != null) {
            return watcher.options().topic();
        }
        return watcher.label() == null ? null : format.labelTopic(watcher.label());
    }
}
