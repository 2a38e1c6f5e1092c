package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A configuration without problems, and what changing it leads to. */
final class SampleSettings {

    private SampleSettings() {}

    /** The least that is needed, with pairs of key and value put on top; a null value takes the key away. */
    static Map<String, String> with(String... keysAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "name", "shop",
                "connection.url", "jdbc:postgresql://localhost/shop",
                "connection.user", "ectowatch",
                "connection.password", "swordfish",
                "tables", "users"));
        for (int index = 0; index < keysAndValues.length; index += 2) {
            if (keysAndValues[index + 1] == null) {
                settings.remove(keysAndValues[index]);
            } else {
                settings.put(keysAndValues[index], keysAndValues[index + 1]);
            }
        }
        return settings;
    }

    static List<ConfigProblem> problemsWith(String... keysAndValues) {
        return ConnectorConfig.problems(with(keysAndValues));
    }

    static ConnectorConfig configWith(String... keysAndValues) {
        return new ConnectorConfig(with(keysAndValues));
    }
}
