package io.ectowatch.connect.watch;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds topics whose names differ only in {@code .} and {@code _}. Kafka's metrics replace {@code .} in topic names
 * by {@code _}, so Kafka refuses to create the second of two such topics ({@code InvalidTopicException}: "collides
 * with existing topics").
 */
final class CollidingTopics {

    private record First(String topic, String watcher) {}

    private final Map<String, First> byMetricName = new HashMap<>();
    private final Set<String> reported = new HashSet<>();

    /**
     * Adds a topic.
     *
     * @param watcher the watcher that publishes to it, for the message
     * @return why Kafka would refuse it next to a topic that was added before; empty if it would not, or if that was
     *     already reported
     */
    Optional<String> add(String topic, String watcher) {
        First first = byMetricName.putIfAbsent(topic.replace('.', '_'), new First(topic, watcher));
        if (first == null || first.topic().equals(topic) || !reported.add(topic)) {
            return Optional.empty();
        }
        return Optional.of("The topic " + topic + " of " + watcher + " and the topic " + first.topic() + " of "
                + first.watcher() + " differ only in '.' and '_'. Kafka cannot create both. Change the label,"
                + " topic, topic.prefix or topic.format for one of them.");
    }
}
