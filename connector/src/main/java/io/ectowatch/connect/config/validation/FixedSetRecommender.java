package io.ectowatch.connect.config.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The values that a form can offer for a setting, independent of the other settings.
 *
 * @param values the texts to choose from
 */
public record FixedSetRecommender(List<String> values) implements ConfigDef.Recommender {

    @Override
    public List<Object> validValues(String name, Map<String, Object> parsedConfig) {
        // Mutable, since ConfigDef may remove values.
        return new ArrayList<>(values);
    }

    @Override
    public boolean visible(String name, Map<String, Object> parsedConfig) {
        return true;
    }
}
