package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.testkit.ConnectRestException;
import io.ectowatch.testkit.ConnectorConfig;
import io.ectowatch.testkit.Stack;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors of invalid configs over REST. Validation changes nothing in the database. */
@ExtendWith(StackExtension.class)
class BadInputIT {

    /** Responses come within it also if the database does not answer: the worker's limit is 90 s. */
    private static final Duration RESPONSE_LIMIT = Duration.ofSeconds(85);

    private final Stack stack;
    private TestDatabase database;

    BadInputIT(Stack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void createTables() throws SQLException {
        database = new TestDatabase(stack);
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY)",
                "CREATE TABLE keyless (id int)",
                "CREATE VIEW names AS SELECT id FROM users");
    }

    @AfterEach
    void assertNoObjectsWereCreated() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("""
                        SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'ectowatch')
                             + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
                        """)) {
            result.next();
            assertThat(result.getInt(1)).isZero();
        }
    }

    @Test
    void aValidConfigHasNoErrors() {
        assertThat(validated(database.watching("users"))).isEmpty();
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "tables|ghosts|ghosts",
                "tables|keyless|primary key",
                "tables|names|view",
                "tables|audit.*|audit",
                "tables|''|tables",
                "events|inserted, destroyed|destroyed",
                "topic.prefix|a b|topic.prefix",
                "topic.format|${prefix}/${table}|topic.format",
                "delivery.mode|pigeon|notify",
                "connection.password|wrong|password",
                "connection.url|jdbc:postgresql://127.0.0.1:1/shop|127.0.0.1"
            })
    void anErrorNamesTheKeyThatCausesIt(String key, String value, String hint) {
        Map<String, String> config = database.watching("users");
        config.put(key, value);

        Map<String, List<String>> errors = validated(config);

        assertThat(errors).containsOnlyKeys(key);
        assertThat(String.join(" ", errors.get(key))).contains(hint);
    }

    @Test
    void anUnknownDatabaseIsAnErrorOfTheUrl() {
        Map<String, String> config = database.watching("users");
        config.put("connection.url", stack.postgres().connectorUrl("nowhere"));

        assertThat(validated(config)).containsOnlyKeys("connection.url");
    }

    @Test
    @DisplayName("A host that accepts the connection but does not answer is an error of the URL")
    void aSilentHostIsAnErrorOfTheUrl() throws IOException {
        Optional<String> host = stack.testHost();
        assumeTrue(host.isPresent(), "the workers of this stack cannot connect to a server of the tests");
        try (ServerSocket silent = new ServerSocket(0)) {
            Map<String, String> config = database.watching("users");
            config.put("connection.url", "jdbc:postgresql://%s:%d/shop".formatted(host.get(), silent.getLocalPort()));

            assertThat(validated(config)).containsOnlyKeys("connection.url");
        }
    }

    @Test
    void theResponseHasADefinitionForEachValueAndTheTablesAndColumnsOfTheDatabaseToChooseFrom() {
        Map<String, String> config = database.watching("users");
        config.put("name", database.connector("validated"));
        config.put("watchers", "w");
        config.put("watchers.w.table", "users");
        config.put("watchers.w.labell", "people");
        config.put("watchers.w.key.columns", "ghost");

        // The response does not wait for them for longer than three seconds.
        List<JsonNode> keys = await().until(
                        () -> stack.connect().rest().validation(config),
                        response -> !choices(response, "tables").isEmpty());

        assertThat(keys).allSatisfy(FormFields::assertReadable);
        assertThat(choices(keys, "tables")).contains("public.users");
        assertThat(choices(keys, "watchers.w.table")).contains("public.users");
        assertThat(choices(keys, "watchers.w.key.columns")).contains("id");
    }

    /** As AKHQ asks for the settings, before anybody has filled in its form: with the setting of a sink. */
    @Test
    void aFormThatKnowsTheClassAloneGetsTheDefinitionOfEachSetting() {
        JsonNode response = stack.connect()
                .rest()
                .validation(
                        ConnectorConfig.CLASS,
                        Map.of("connector.class", ConnectorConfig.CLASS, "topics", "getPlugins"));

        assertThat(response.path("configs")).allSatisfy(FormFields::assertReadable);
        assertThat(response.path("configs").findValuesAsText("name"))
                .contains("connection.url", "tables", "watchers", "topic.prefix", "transforms");
    }

    /** As kcctl does: "apply --dry-run" and "describe plugin". */
    @Test
    void theClassMayBeNamedWithoutItsPackage() {
        String plugin = ConnectorConfig.CLASS.substring(ConnectorConfig.CLASS.lastIndexOf('.') + 1);
        Map<String, String> config = database.watching("ghosts");
        config.put("name", "dummy-name");

        JsonNode response = stack.connect().rest().validation(plugin, config);

        assertThat(response.path("error_count").asInt(-1)).isEqualTo(1);
        assertThat(response.path("groups")).isNotEmpty().allSatisfy(group -> assertThat(group.isTextual())
                .isTrue());
        assertThat(stack.connect().rest().definitions(plugin))
                .isNotEmpty()
                .allSatisfy(FormFields::assertReadableDefinition);
    }

    private static List<String> choices(List<JsonNode> keys, String name) {
        List<String> choices = new ArrayList<>();
        keys.stream()
                .map(key -> key.path("value"))
                .filter(value -> value.path("name").asText().equals(name))
                .forEach(value -> value.path("recommended_values").forEach(choice -> choices.add(choice.asText())));
        return choices;
    }

    @Test
    void aConnectorWithAnInvalidConfigIsNotCreated() {
        String name = database.connector("refused");

        assertThatThrownBy(() -> stack.connect().rest().putConnector(name, database.watching("ghosts")))
                .isInstanceOfSatisfying(
                        ConnectRestException.class, e -> assertThat(e.status()).isEqualTo(400))
                .hasMessageContaining("ghosts");
        assertThat(stack.connect().rest().connectors()).doesNotContain(name);
    }

    private Map<String, List<String>> validated(Map<String, String> config) {
        config.put("name", database.connector("validated"));
        return Assertions.assertTimeout(
                RESPONSE_LIMIT, () -> stack.connect().rest().validate(config));
    }
}
