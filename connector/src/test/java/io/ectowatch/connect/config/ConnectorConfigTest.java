package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static io.ectowatch.connect.config.SampleSettings.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectorConfigTest {

    private static ConfigValue valueOf(String key, Map<String, String> settings) {
        return ConnectorConfig.validate(settings).stream()
                .filter(value -> value.name().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void knowsItsName() {
        assertThat(configWith("name", "shop").name()).isEqualTo("shop");
    }

    @Test
    void topicsFollowPrefixAndFormat() {
        TopicFormat format = configWith("topic.prefix", "shop", "topic.format", "${prefix}-${schema}-${table}")
                .topicFormat();

        assertThat(format.topic(new TableName("s", "t"), Event.INSERTED)).isEqualTo("shop-s-t");
        assertThat(configWith().topicFormat().topic(new TableName("s", "t"), Event.INSERTED))
                .isEqualTo("ectowatch.t.inserted");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    name            |               | It is required (a text that is not blank).
                    name            | ' '           | It must not be empty.
                    connection.url  |               | It is required (jdbc:postgresql://host
                    tables          |               | No table is watched
                    topic.prefix    | a b           | The character " " is not allowed
                    topic.prefix    | ''            | It must not be empty.
                    topic.format    | ${tabel}      | ${tabel} is not a placeholder. Did you mean table?
                    topic.format    | ${prefix}     | It must contain ${table}
                    topic.format    | ${table       | has no closing
                    topic.format    | ${table}:x    | The character ":" is not allowed
                    """)
    void saysWhatIsWrongOnTheRightKey(String setting, String value, String message) {
        assertThat(problemsWith(setting, value)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo(setting);
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void findsAllProblemsAtOnce() {
        assertThat(problemsWith(
                        "connection.url", "jdbc:mysql:x",
                        "events", "none",
                        "watchers", "w",
                        "watchers.w.label", "/",
                        "batch.max.records", "x"))
                .extracting(ConfigProblem::setting)
                .containsExactlyInAnyOrder(
                        "connection.url", "events", "watchers.w.table", "watchers.w.label", "batch.max.records");
    }

    @Test
    void theConstructorListsAllProblemsWithTheirKeys() {
        assertThatThrownBy(() -> configWith("events", "none", "tables", "a.b.c", "connection.password", "hunter2"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("The configuration is not valid:")
                .hasMessageContaining("\n- tables: a.b.c has 3 parts")
                .hasMessageContaining("\n- events: none is not an event.")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aNullValueCountsAsAbsent() {
        Map<String, String> settings = with();
        for (String key : ConnectorConfig.configDef().names()) {
            settings.putIfAbsent(key, null);
        }

        assertThat(ConnectorConfig.problems(settings)).isEmpty();
        assertThat(new ConnectorConfig(settings).delivery().batchMaxRecords()).isEqualTo(2_000);
        settings.put("connection.url", null);
        assertThat(ConnectorConfig.problems(settings))
                .extracting(ConfigProblem::setting)
                .containsExactly("connection.url");
    }

    @Test
    void noInputAtAllIsAnsweredToo() {
        assertThat(ConnectorConfig.problems(null))
                .extracting(ConfigProblem::setting)
                .containsExactly("name", "connection.url", "tables");
        Map<String, String> odd = new HashMap<>();
        odd.put(null, "x");
        odd.put("", null);
        odd.put("watchers.a.table", null);
        odd.put("connection.properties.x", null);
        assertThat(ConnectorConfig.problems(odd)).isEqualTo(ConnectorConfig.problems(Map.of()));
    }

    @Test
    void settingsOfConnectItselfDoNotMatter() {
        assertThat(problemsWith(
                        "connector.class",
                        "x",
                        "tasks.max",
                        "1",
                        "transforms",
                        "t",
                        "producer.override.linger.ms",
                        "0"))
                .isEmpty();
    }

    @Test
    void validationAnswersForEveryKeyWithItsValue() {
        List<ConfigValue> values = ConnectorConfig.validate(with("events", "updated"));

        assertThat(values)
                .extracting(ConfigValue::name)
                .containsExactlyElementsOf(
                        ConnectorConfig.configDef().configKeys().keySet());
        assertThat(values).allSatisfy(value -> assertThat(value.errorMessages()).isEmpty());
        assertThat(valueOf("events", with("events", "updated")).value()).isEqualTo(List.of("updated"));
        assertThat(valueOf("connection.url", with()).value()).isEqualTo("jdbc:postgresql://localhost/shop");
        assertThat(valueOf("connection.password", with()).value()).isEqualTo(new Password("swordfish"));
    }

    @Test
    void validationPutsProblemsOnTheirKeys() {
        Map<String, String> settings = with("tables", "", "ddl.lock.timeout.ms", "1");

        assertThat(valueOf("tables", settings).errorMessages())
                .singleElement()
                .asString()
                .startsWith("tables: No table is watched");
        assertThat(valueOf("ddl.lock.timeout.ms", settings).errorMessages())
                .containsExactly("ddl.lock.timeout.ms: It must be between 10 and 5000, but is 1.");
    }

    @Test
    void validationHasAValueForAKeyOfAWatcherThatIsWrong() {
        Map<String, String> settings =
                with("watchers", "w", "watchers.w.label", "/", "connection.properties.password", "hunter2");

        assertThat(valueOf("watchers.w.table", settings).errorMessages()).hasSize(1);
        assertThat(valueOf("watchers.w.label", settings).errorMessages()).hasSize(1);
        assertThat(valueOf("connection.properties.password", settings)).satisfies(value -> {
            assertThat(value.errorMessages()).hasSize(1);
            assertThat(value.value()).isNull();
        });
    }

    @Test
    void furtherProblemsJoinThoseOfValidation() {
        List<ConfigValue> values = ConnectorConfig.withProblems(
                ConnectorConfig.validate(with("tables", "a.b.c")),
                List.of(
                        new ConfigProblem("tables", "Table a does not exist."),
                        new ConfigProblem("watchers.w.table", "It is a view.")));

        assertThat(values)
                .filteredOn(value -> value.name().equals("tables"))
                .singleElement()
                .satisfies(value -> assertThat(value.errorMessages())
                        .hasSize(2)
                        .last()
                        .isEqualTo("tables: Table a does not exist."));
        assertThat(values).last().satisfies(value -> assertThat(value.errorMessages())
                .containsExactly("watchers.w.table: It is a view."));
    }

    @Test
    void validationOffersTheChoicesThereAre() {
        assertThat(valueOf("events", with()).recommendedValues())
                .containsExactly("inserted", "updated", "deleted", "truncated");
        assertThat(valueOf("delivery.mode", with()).recommendedValues()).containsExactly("notify", "durable");
    }

    static List<ConfigDef> definitions() {
        return List.of(ConnectorConfig.configDef(), ConnectorConfig.watcherConfigDef());
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void everyKeyIsDescribed(ConfigDef definition) {
        Set<String> places = new HashSet<>();
        Set<String> displayNames = new HashSet<>();
        assertThat(definition.configKeys()).isNotEmpty();
        for (ConfigKey key : definition.configKeys().values()) {
            // AKHQ displays it as HTML.
            assertThat(key.documentation)
                    .as(key.name)
                    .endsWith(".")
                    .hasSizeGreaterThan(40)
                    .doesNotContain("<");
            assertThat(key.group).as(key.name).isNotBlank();
            assertThat(key.orderInGroup).as(key.name).isPositive();
            assertThat(key.width).as(key.name).isNotEqualTo(ConfigDef.Width.NONE);
            assertThat(key.importance).as(key.name).isNotNull();
            assertThat(places.add(key.group + key.orderInGroup))
                    .as(key.name + "'s place")
                    .isTrue();
            assertThat(key.displayName).as(key.name).isNotBlank().isNotEqualTo(key.name);
            assertThat(displayNames.add(key.displayName)).as(key.displayName).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void dependentSettingsExistAndNoneDependsOnItself(ConfigDef definition) {
        Map<String, ConfigKey> keys = definition.configKeys();
        assertThat(keys.values()).anyMatch(key -> !key.dependents.isEmpty());
        for (ConfigKey key : keys.values()) {
            Set<String> reached = new LinkedHashSet<>(key.dependents);
            List<String> next = new ArrayList<>(key.dependents);
            while (!next.isEmpty()) {
                assertThat(keys).containsKey(next.get(0));
                keys.get(next.remove(0)).dependents.stream()
                        .filter(reached::add)
                        .forEach(next::add);
            }
            assertThat(reached).as(key.name).doesNotContain(key.name);
        }
    }

    @Test
    void theChoicesThatTheDatabaseHasDependOnTheConnection() {
        Map<String, ConfigKey> keys = ConnectorConfig.configDef().configKeys();
        for (String setting : List.of("connection.url", "connection.user", "connection.password", "connection.role")) {
            assertThat(keys.get(setting).dependents).contains("tables", "database.schema");
        }
        assertThat(ConnectorConfig.watcherConfigDef().configKeys().get("table").dependents)
                .containsExactly("extra.columns", "columns", "key.columns");
    }

    /** AKHQ's form for a new connector fails on such a key. */
    @ParameterizedTest
    @MethodSource("definitions")
    void noPasswordIsRequired(ConfigDef definition) {
        assertThat(definition.configKeys().values())
                .filteredOn(key -> key.type == ConfigDef.Type.PASSWORD)
                .allMatch(ConfigKey::hasDefault);
    }

    @Test
    void thePasswordIsOfATypeThatHidesIt() {
        assertThat(ConnectorConfig.configDef().configKeys().get("connection.password").type)
                .isEqualTo(ConfigDef.Type.PASSWORD);
        ConnectorConfig config = configWith("connection.password", "hunter2");
        assertThat(config.toString() + config.values() + config.connection().password())
                .doesNotContain("hunter2");
    }
}
