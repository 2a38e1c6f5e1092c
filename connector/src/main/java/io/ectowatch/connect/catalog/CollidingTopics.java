package io.ectowatch.connect.catalog;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds topics whose names differ only in {@code .} and {@code _}. Kafka names its metrics after topics with {@code _} for
 * {@code .}, and so refuses to create the second of two such topics ({@code InvalidTopicException}: "collides with existing
 * topics").
 */
final class CollidingTopics {

    private record First(String topic, String watcher) {}

    private final Map<String, First> byMetricName = new HashMap<>();
    private final Set<String> reported = new HashSet<>();

    /**
     * Adds a topic.
     *
     * @param watcher who publishes to it, for the message
     * @return why Kafka would refuse it beside one that was added before; empty when it would not, or that was said already
     */
    Optional<String> add(String topic, String watcher) {
        First first = byMetricName.putIfAbsent(topic.replace('.', '_'), new First(topic, watcher));
        if (first == null || first.topic().equals(topic) || !reported.add(topic)) {
            return Optional.empty();
        }
        return Optional.of("The topic " + topic + " of " + watcher + " and the topic " + first.topic() + " of "
                + first.watcher() + " differ only in '.' and '_'. Kafka does not create both. Choose another label,"
                + " topic, topic.prefix or topic.format for one of them.");
    }
}
