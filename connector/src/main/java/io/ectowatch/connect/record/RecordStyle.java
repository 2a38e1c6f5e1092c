package io.ectowatch.connect.record;

import io.ectowatch.connect.config.HeaderMode;
import java.util.Objects;

/**
 * The common properties of the records of all watchers.
 *
 * @param topicPrefix the prefix of the schemas' names, the value of {@code topic.prefix}
 * @param connector the connector's name
 * @param headers which headers describe the change
 * @param tombstones whether a record without a value follows a deletion
 */
public record RecordStyle(String topicPrefix, String connector, HeaderMode headers, boolean tombstones) {

    public RecordStyle {
        Objects.requireNonNull(topicPrefix, "topicPrefix");
        Objects.requireNonNull(connector, "connector");
        Objects.requireNonNull(headers, "headers");
    }
}
