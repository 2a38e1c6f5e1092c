package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.config.validation.Validators;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The setting for heartbeats. */
public final class HeartbeatFragment {

    public static final String INTERVAL_CONFIG = "heartbeat.interval.ms";
    private static final String OFF = "0";
    private static final long LEAST_MS = 100;
    private static final long MOST_MS = 86_400_000;
    static final String INTERVAL_DOC =
            "How often to publish a heartbeat record, in milliseconds; 0 for never. Heartbeats go to"
                    + " the topic ${prefix}.heartbeat, keyed by the connector's name. In durable delivery a heartbeat says up to which"
                    + " time and LSN every captured change has been delivered.";

    private static final String GROUP = "Heartbeat";

    private final AbstractConfig config;

    HeartbeatFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        definition.define(
                INTERVAL_CONFIG,
                Type.LONG,
                0L,
                Validators.of(
                        Number.class,
                        "0, or between " + LEAST_MS + " and " + MOST_MS,
                        interval -> check(interval.longValue())),
                Importance.LOW,
                INTERVAL_DOC,
                GROUP,
                1,
                Width.SHORT,
                "Heartbeat interval (ms)");
    }

    private static void check(long interval) {
        if (interval != 0 && (interval < LEAST_MS || interval > MOST_MS)) {
            throw new IllegalArgumentException(
                    "It must be 0, or between " + LEAST_MS + " and " + MOST_MS + ", but is " + interval + ".");
        }
    }

    /** Problems with other settings. */
    static List<ConfigProblem> problems(Map<String, String> settings) {
        return settings.getOrDefault(INTERVAL_CONFIG, OFF).strip().equals(OFF)
                ? List.of()
                : TopicFragment.obstacleToLabel(TopicFormat.HEARTBEAT, settings)
                        .map(reason -> new ConfigProblem(TopicFragment.PREFIX_CONFIG, reason))
                        .map(List::of)
                        .orElse(List.of());
    }

    /** The time between two heartbeats in milliseconds; 0 for none. */
    public long intervalMs() {
        return config.getLong(INTERVAL_CONFIG);
    }
}
