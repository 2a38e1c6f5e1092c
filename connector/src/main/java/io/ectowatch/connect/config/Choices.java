package io.ectowatch.connect.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The values that a form can offer for a setting, whatever the other settings are.
 *
 * @param values the texts to choose from
 */
record Choices(List<String> values) implements ConfigDef.Recommender {

    @Override
    public List<Object> validValues(String name, Map<String, Object> parsedConfig) {
        // ConfigDef may take values away from it.
        return new ArrayList<>(values);
    }

    @Override
    public boolean visible(String name, Map<String, Object> parsedConfig) {
        return true;
    }
}
