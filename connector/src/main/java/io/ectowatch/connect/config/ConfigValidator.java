package io.ectowatch.connect.config;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * Finds all problems of a configuration, where {@link ConfigDef#parse} stops at the first. Accepts everything that
 * Connect may pass, and never throws.
 */
final class ConfigValidator {

    private final Map<String, String> settings;
    private final ConfigDef definition;

    ConfigValidator(Map<String, String> props) {
        settings = present(props);
        definition = definition(settings);
    }

    /** The settings that have a value. Connect passes on a JSON null, which means that the setting is absent. */
    static Map<String, String> present(Map<String, String> props) {
        Map<String, String> present = new LinkedHashMap<>();
        if (props != null) {
            props.forEach((key, value) -> {
                if (key != null && value != null) {
                    present.put(key, value);
                }
            });
        }
        return present;
    }

    /** All settings, with those of the watchers that {@code settings} declares. */
    static ConfigDef definition(Map<String, String> settings) {
        ConfigDef definition = ConnectorConfig.configDef();
        WatchFragment.defineWatchers(definition, settings);
        return definition;
    }

    List<ConfigProblem> problems() {
        List<ConfigProblem> problems = new ArrayList<>();
        definition.configKeys().values().forEach(key -> check(key, problems));
        problems.addAll(ConnectionFragment.problems(settings));
        problems.addAll(WatchFragment.problems(settings));
        problems.addAll(InstallFragment.problems(settings));
        problems.addAll(BackfillFragment.problems(settings));
        problems.addAll(HeartbeatFragment.problems(settings));
        // This check needs the watchers, which exist only if all settings are valid.
        return problems.isEmpty() ? RecordFragment.problems(settings) : List.copyOf(problems);
    }

    /** Like {@link ConfigDef#validate}, but with messages that fit into a list and do not repeat long values. */
    private void check(ConfigKey key, List<ConfigProblem> problems) {
        String text = settings.get(key.name);
        if (text == null) {
            if (!key.hasDefault()) {
                problems.add(new ConfigProblem(key.name, "It is required (" + key.validator + ")."));
            }
            return;
        }
        Object value;
        try {
            value = ConfigDef.parseType(key.name, text, key.type);
        } catch (ConfigException unreadable) {
            problems.add(new ConfigProblem(
                    key.name,
                    key.type == ConfigDef.Type.BOOLEAN
                            ? "It must be true or false."
                            : "It must be a whole number, " + key.validator + "."));
            return;
        }
        try {
            if (key.validator != null) {
                key.validator.ensureValid(key.name, value);
            }
        } catch (ConfigException broken) {
            problems.add(new ConfigProblem(key.name, String.valueOf(broken.getMessage())));
        }
    }

    /** The values of all settings, those of the declared watchers included, and of other keys that have a problem. */
    List<ConfigValue> values() {
        List<ConfigProblem> problems = problems();
        Set<String> faulty = problems.stream().map(ConfigProblem::setting).collect(Collectors.toSet());
        Map<String, ConfigValue> parsed = definition.validateAll(settings);
        List<ConfigValue> values = new ArrayList<>();
        for (String key : definition.configKeys().keySet()) {
            ConfigValue value = Objects.requireNonNull(parsed.get(key), key);
            // An invalid URL may contain a password, so it is not returned.
            boolean shown = !(key.equals(ConnectionFragment.URL_CONFIG) && faulty.contains(key));
            values.add(
                    new ConfigValue(key, shown ? value.value() : null, value.recommendedValues(), new ArrayList<>()));
        }
        return withProblems(values, problems);
    }

    /**
     * The values with each problem on its setting. Further settings with problems are added at the end, without a
     * value.
     */
    static List<ConfigValue> withProblems(List<ConfigValue> values, Collection<ConfigProblem> problems) {
        Map<String, ConfigValue> byName = new LinkedHashMap<>();
        values.forEach(value -> byName.put(value.name(), value));
        problems.forEach(problem ->
                byName.computeIfAbsent(problem.setting(), ConfigValue::new).addErrorMessage(problem.text()));
        return new ArrayList<>(byName.values());
    }

    /** The values with what can be chosen for them. */
    static List<ConfigValue> withChoices(List<ConfigValue> values, Map<String, List<String>> choices) {
        for (ConfigValue value : values) {
            List<String> offered = choices.get(value.name());
            if (offered != null) {
                value.recommendedValues(new ArrayList<>(offered));
            }
        }
        return values;
    }
}
