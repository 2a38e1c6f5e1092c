package io.ectowatch.connect.config;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigValue;

/** The keys in the response to a validation that depend on the configuration. */
final class ResponseKeys {

    private static final String GROUP = "Other";
    private static final String UNKNOWN_DOC = "This key is not a setting of the connector. Its error says what to do.";

    private ResponseKeys() {}

    /** Some user interfaces fail on a value that has no definition. */
    static void describe(ConfigDef definition, Map<String, String> settings, List<ConfigValue> values) {
        WatchFragment.defineWatchers(definition, settings);
        int order = 0;
        for (ConfigValue value : values) {
            if (!definition.names().contains(value.name())) {
                definition.define(
                        value.name(),
                        Type.STRING,
                        null,
                        Importance.LOW,
                        value.name().startsWith(ConnectionFragment.PROPERTIES_PREFIX)
                                ? ConnectionFragment.PROPERTIES_DOC
                                : UNKNOWN_DOC,
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        value.name());
            }
        }
    }
}
