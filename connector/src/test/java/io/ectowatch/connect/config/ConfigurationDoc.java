package io.ectowatch.connect.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Type;

/** Writes {@code docs/configuration.md} from what the connector tells Connect of its settings. */
final class ConfigurationDoc {

    private static final String HEAD = """
            # Configuration: every setting

            Written by `ConfigurationDocTest` from the connector's own definitions: change those, and run

            ```sh
            %s
            ```

            Examples are in [config-examples](../../config-examples). What Kafka Connect itself offers every connector \
            works here too: `tasks.max` (one is all there is), `key.converter`, `value.converter`, `header.converter`, \
            `transforms`, `topic.creation.*`, `exactly.once.support`, `errors.*`, `producer.override.*`.
            """;

    private static final String OF_A_WATCHER = """
            ## Of a watcher

            For each name in `watchers`, with `watchers.<name>.` in front. Where a setting of the same name stands above, \
            that one holds for watchers that do not have it.
            """;

    private static final Pattern MARKUP = Pattern.compile("[\\\\`*_<>|\\[\\]]");
    private static final Map<String, Long> SIZES = units("GiB", 1L << 30, "MiB", 1L << 20);
    private static final Map<String, Long> TIMES = units("d", 86_400_000, "min", 60_000, "s", 1_000);

    private final StringBuilder text = new StringBuilder();

    private ConfigurationDoc() {}

    /** The whole file; {@code command} is what writes it. */
    static String text(String command) {
        ConfigurationDoc doc = new ConfigurationDoc();
        doc.text.append(HEAD.formatted(command));
        String group = null;
        for (ConfigKey key : ConnectorConfig.configDef().configKeys().values()) {
            if (!key.group.equals(group)) {
                group = key.group;
                doc.text.append("\n## ").append(group).append('\n');
            }
            doc.add(key);
            if (key.name.equals(ConnectionFragment.TIMEOUT_CONFIG)) {
                doc.addDriverProperties();
            }
        }
        doc.text.append('\n').append(OF_A_WATCHER);
        ConnectorConfig.watcherConfigDef().configKeys().values().forEach(doc::add);
        return doc.text.toString();
    }

    private void add(ConfigKey key) {
        add(key.name, key.documentation, facts(key));
    }

    /** The only settings that no {@link ConfigDef} holds. */
    private void addDriverProperties() {
        add(
                ConnectionFragment.PROPERTIES_PREFIX + "*",
                ConnectionFragment.PROPERTIES_DOC,
                List.of("string", "importance low"));
    }

    private void add(String name, String documentation, List<String> facts) {
        text.append("\n### `")
                .append(name)
                .append("`\n\n")
                .append(escaped(documentation))
                .append("\n\n");
        text.append(String.join(" · ", facts)).append('\n');
    }

    private static List<String> facts(ConfigKey key) {
        List<String> facts = new ArrayList<>();
        facts.add(key.type.toString().toLowerCase(Locale.ROOT));
        facts.add(key.hasDefault() ? "default " + defaultOf(key) : "**required**");
        String valid = key.type == Type.BOOLEAN ? "true, false" : key.validator == null ? "" : key.validator.toString();
        if (!valid.isEmpty()) {
            facts.add("valid: " + escaped(valid.replaceAll("^\\[(.*)]$", "$1")));
        }
        facts.add("importance " + key.importance.toString().toLowerCase(Locale.ROOT));
        return facts;
    }

    private static String defaultOf(ConfigKey key) {
        String value = key.defaultValue == null ? "" : ConfigDef.convertToString(key.defaultValue, key.type);
        return value.isEmpty() ? "none" : "`" + value + "`" + inUnits(key);
    }

    private static String inUnits(ConfigKey key) {
        if (!(key.defaultValue instanceof Number number) || number.longValue() == 0) {
            return "";
        }
        Map<String, Long> units = key.name.endsWith(".bytes") ? SIZES : key.name.endsWith(".ms") ? TIMES : Map.of();
        return units.entrySet().stream()
                .filter(unit -> number.longValue() % unit.getValue() == 0)
                .findFirst()
                .map(unit -> " (" + number.longValue() / unit.getValue() + " " + unit.getKey() + ")")
                .orElse("");
    }

    private static Map<String, Long> units(Object... namesAndValues) {
        Map<String, Long> units = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            units.put((String) namesAndValues[i], ((Number) namesAndValues[i + 1]).longValue());
        }
        return units;
    }

    /** For Markdown: placeholders as code, and what would mean something to it taken literally. */
    private static String escaped(String plain) {
        return MARKUP.matcher(plain).replaceAll("\\\\$0").replaceAll("\\$\\{[^}]*}", "`$0`");
    }
}
