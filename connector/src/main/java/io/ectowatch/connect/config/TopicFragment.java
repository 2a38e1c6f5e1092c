package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.Validators;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings that name the topics. */
public final class TopicFragment {

    public static final String PREFIX_CONFIG = "topic.prefix";
    public static final String PREFIX_DEFAULT = "ectowatch";
    static final String PREFIX_DOC = "The value of ${prefix} in topic.format, and the start of the topic of a watcher"
            + " with a label. Letters, digits, dots, underscores and hyphens.";

    public static final String FORMAT_CONFIG = "topic.format";
    public static final String FORMAT_DEFAULT = "${prefix}.${table}.${event}";
    static final String FORMAT_DOC = "The format of topic names. The placeholders are ${prefix}, ${schema},"
            + " ${table} and ${event}; ${table} is required, and the other text must be valid in a topic name."
            + " Characters of a table's or schema's name that Kafka does not allow become _. Without ${event} a table's"
            + " events share one topic. The topic of a watcher with the label L is ${prefix}.L.";

    private static final String GROUP = "Topics";

    private final AbstractConfig config;

    TopicFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition
                .define(
                        PREFIX_CONFIG,
                        Type.STRING,
                        PREFIX_DEFAULT,
                        Validators.of(String.class, "a-z, A-Z, 0-9, '.', '_', '-'", TopicFormat::checkName),
                        Importance.HIGH,
                        PREFIX_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Topic prefix")
                .define(
                        FORMAT_CONFIG,
                        Type.STRING,
                        FORMAT_DEFAULT,
                        Validators.of(
                                String.class,
                                "text with ${table}, and optionally ${prefix}, ${schema}, ${event}",
                                format -> new TopicFormat(PREFIX_DEFAULT, format)),
                        Importance.MEDIUM,
                        FORMAT_DOC,
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Topic format");
    }

    /** Why Kafka would reject the topic of that label; empty also if the prefix alone is the cause. */
    static Optional<String> obstacleToLabel(String label, Map<String, String> settings) {
        try {
            String prefix = settings.getOrDefault(PREFIX_CONFIG, PREFIX_DEFAULT).trim();
            TopicFormat format = new TopicFormat(prefix, FORMAT_DEFAULT);
            return format.obstacle(format.labelTopic(label));
        } catch (IllegalArgumentException badPrefix) {
            return Optional.empty();
        }
    }

    /** Why Kafka would reject that topic; empty also if it contains characters that no topic can have. */
    static Optional<String> obstacleToTopic(String topic) {
        return new TopicFormat(PREFIX_DEFAULT, FORMAT_DEFAULT).obstacle(topic);
    }

    /** The prefix and format in use. */
    public TopicFormat format() {
        return new TopicFormat(
                config.getString(PREFIX_CONFIG),
                config.getString(FORMAT_CONFIG),
                new RecordFragment(config).tombstones(),
                new RecordFragment(config).schemaInKey(),
                new HeartbeatFragment(config).intervalMs() > 0);
    }
}
