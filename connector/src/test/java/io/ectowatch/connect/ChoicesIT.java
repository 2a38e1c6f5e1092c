package io.ectowatch.connect;

import static io.ectowatch.connect.testing.Validation.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Validation;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the response to a validation offers for the settings that name tables, columns, schemas and roles. */
class ChoicesIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aDatabase() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, \"Full Name\" text, org int NOT NULL)",
                "CREATE SCHEMA billing",
                "CREATE TABLE billing.invoices (id int PRIMARY KEY, email text NOT NULL, org int)");
    }

    @Test
    void tablesThatCanBeWatchedAreOfferedAndAPatternForEachSchema() throws Exception {
        database.execute(
                "CREATE TABLE keyless (id int)",
                "CREATE VIEW people AS SELECT * FROM users",
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)",
                "CREATE SCHEMA ectowatch",
                "CREATE TABLE ectowatch.journal (id int PRIMARY KEY)");
        assertThat(offered("tables=users").get("tables"))
                .containsExactly("billing.invoices", "public.logs", "public.users", "billing.*", "public.*");
    }

    /** As if a user had chosen it in a form. */
    @Test
    void eachChoiceIsAValidValueHoweverOddItsName() throws Exception {
        database.execute(
                "CREATE SCHEMA \"a.b\"",
                "CREATE TABLE \"a.b\".\"c, \"\"d\"\" *\" (id int PRIMARY KEY, \"x, \"\"y\"\" *.\" int NOT NULL)",
                "CREATE TABLE \"Users\" (id int PRIMARY KEY)",
                "CREATE TABLE \"名前\" (id int PRIMARY KEY)");
        List<Object> tables = offered("tables=users").get("tables");
        assertThat(tables).contains("\"a.b\".\"c, \"\"d\"\" *\"", "public.\"Users\"", "public.名前");
        assertThat(tables).allSatisfy(table -> assertThat(
                        Validation.errors(database, "topic.format=${prefix}.${schema}.${table}", "tables=" + table))
                .isEmpty());

        String[] watcher = {"watchers=w", "watchers.w.table=" + tables.get(0)};
        assertThat(tables.get(0)).isEqualTo("\"a.b\".\"c, \"\"d\"\" *\"");
        List<Object> columns = offered(watcher).get("watchers.w.key.columns");
        assertThat(columns).containsExactly("id", "\"x, \"\"y\"\" *.\"");
        assertThat(Validation.errors(database, and(watcher, "watchers.w.key.columns=" + columns.get(1))))
                .isEmpty();
    }

    @Test
    void columnsOfAWatchersTableAreOfferedAndForTheKeyThoseThatAreNotNull() {
        assertThat(offered("watchers=w", "watchers.w.table=users"))
                .containsEntry("watchers.w.columns", List.of("id", "email", "\"Full Name\"", "org"))
                .containsEntry("watchers.w.extra.columns", List.of("id", "email", "\"Full Name\"", "org"))
                .containsEntry("watchers.w.key.columns", List.of("id", "org"))
                .hasEntrySatisfying(
                        "watchers.w.table", tables -> assertThat(tables).contains("public.users", "billing.*"));
    }

    @Test
    void ofAPatternTheColumnsThatAllTablesHaveAreOffered() {
        assertThat(offered("watchers=w", "watchers.w.table=*.*s"))
                .containsEntry("watchers.w.columns", List.of("id", "email", "org"))
                .containsEntry("watchers.w.key.columns", List.of("id"));
    }

    @Test
    void aVirtualColumnIsNotOffered() throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(18);
        database.execute("ALTER TABLE users ADD twice int GENERATED ALWAYS AS (id * 2) VIRTUAL");
        assertThat(offered("watchers=w", "watchers.w.table=users").get("watchers.w.columns"))
                .hasSize(4)
                .doesNotContain("twice");
    }

    @Test
    void aPartitionThatAWatcherNamesHasItsColumnsOffered() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY, line text) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
        assertThat(offered("watchers=w", "watchers.w.table=logs_1"))
                .containsEntry("watchers.w.columns", List.of("id", "line"));
    }

    @Test
    void aConfigurationThatIsNotCompleteHasTheSameChoices() {
        Map<String, List<Object>> complete = offered("tables=users", "watchers=w", "watchers.w.table=users");
        Map<String, List<Object>> faulty =
                offered("events=none", "watchers=w", "watchers.w.table=users", "watchers.w.label=/");
        assertThat(faulty).isEqualTo(complete);
        assertThat(offered("watchers=w"))
                .containsEntry("tables", complete.get("tables"))
                .containsEntry("watchers.w.table", complete.get("tables"))
                .containsEntry("watchers.w.columns", List.of());
        assertThat(offered()).containsEntry("tables", complete.get("tables"));
    }

    @Test
    void schemasAndRolesAreOffered() throws Exception {
        String group = database.role("group");
        String user = database.role("user");
        String other = database.role("other");
        database.execute("GRANT " + group + " TO " + user, "GRANT CREATE ON SCHEMA billing TO " + user);
        Map<String, List<Object>> choices = offered("tables=users", "connection.user=" + user);
        assertThat(choices.get("connection.role")).contains(group).doesNotContain(user, other);
        assertThat(offered("tables=users").get("database.schema")).containsExactly("ectowatch", "billing", "public");
    }

    @Test
    void withoutPrivilegesTheTablesAreOfferedLast() throws Exception {
        String role = database.role("nobody");
        database.execute("CREATE TABLE zoo (id int PRIMARY KEY)", "GRANT TRIGGER ON zoo TO " + role);
        String[] settings = {"tables=zoo", "connection.user=" + role};
        assertThat(offered(settings).get("tables"))
                .containsExactly("public.zoo", "billing.invoices", "public.users", "public.*", "billing.*");
    }

    @Test
    void withoutADatabaseNothingIsOfferedAndNoProblemIsAdded() throws Exception {
        String[] unreachable = {"events=none", "tables=users", "connection.url=jdbc:postgresql://localhost:1/shop"};
        assertThat(choices(unreachable)).doesNotContainKeys("tables", "connection.role", "database.schema");
        assertThat(Validation.errors(database, unreachable)).containsOnlyKeys("events");

        String role = database.roleWithPassword("locked", SECRET);
        String[] refused = {"events=none", "connection.user=" + role, "connection.password=wrong-" + SECRET};
        assertThat(choices(refused)).doesNotContainKey("database.schema");
        assertThat(choices("tables=users", "connection.url=nonsense")).doesNotContainKey("database.schema");
    }

    @Test
    void aDatabaseThatNeverAnswersDelaysTheResponseAndNothingElse() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            proxy.swallowEverything();
            String[] silent = {
                "events=none", "tables=users", "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/shop"
            };
            assertThat(Validation.errors(database, silent)).containsOnlyKeys("events");
            assertThat(choices(silent)).doesNotContainKey("database.schema");
        }
    }

    /** As while somebody repairs the catalog, or where a query of it takes too long for another reason. */
    @Test
    void whatCannotBeReadInTimeIsNotOffered() throws Exception {
        try (Statement locking = database.begin("LOCK TABLE pg_catalog.pg_inherits")) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(choices("events=none", "tables=users"))
                    .doesNotContainKey("tables")
                    .containsKey("database.schema"));
            assertThat(Validation.errors(database, "events=none", "tables=users"))
                    .containsOnlyKeys("events");
            locking.execute("ROLLBACK");
        }
        assertThat(offered("events=none", "tables=users")).containsKey("tables");
    }

    /** AKHQ up to 0.28 fails on a value without a definition. */
    @Test
    void eachValueOfTheResponseHasADefinition() {
        assertDefinitions("tables=users", "watchers=w", "watchers.w.table=users");
        assertDefinitions("tables=users", "install.mode=print");
        assertDefinitions(
                "events=none",
                "watchers=w,v",
                "watchers.w.label=/",
                "watchers.w.tabel=users",
                "watchers.x.table=users",
                "connection.properties.password=x",
                "connection.properties.=x");
    }

    private void assertDefinitions(String... settings) {
        EctoWatchSourceConnector connector = new EctoWatchSourceConnector();
        ConfigDef definition = connector.config();
        List<ConfigValue> values = connector.validate(props(settings)).configValues();
        assertThat(definition.names())
                .containsAll(values.stream().map(ConfigValue::name).toList());
        assertThat(definition.configKeys().values()).allSatisfy(key -> assertThat(
                        new Object[] {key.type, key.importance, key.width, key.group, key.displayName, key.documentation
                        })
                .as(key.name)
                .doesNotContainNull());
        assertThat(values)
                .allSatisfy(value ->
                        assertThat(value.recommendedValues()).as(value.name()).doesNotContainNull());
    }

    private static String[] and(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }

    /** The choices, once the database has answered within the time that a validation waits. */
    private Map<String, List<Object>> offered(String... settings) {
        return await().atMost(PATIENCE)
                .until(
                        () -> choices(settings),
                        choices -> choices.containsKey("tables") && choices.containsKey("database.schema"));
    }

    /** The choices of each setting that has any, or that could have some of the database. */
    private Map<String, List<Object>> choices(String... settings) {
        Map<String, List<Object>> choices = new HashMap<>();
        for (ConfigValue value :
                new EctoWatchSourceConnector().validate(props(settings)).configValues()) {
            boolean ofColumns =
                    value.name().startsWith("watchers.w.") && value.name().endsWith("columns");
            if (!value.recommendedValues().isEmpty() || ofColumns) {
                choices.put(value.name(), value.recommendedValues());
            }
        }
        assertThat(choices.toString()).doesNotContain(SECRET);
        return choices;
    }

    private Map<String, String> props(String... settings) {
        Map<String, String> props = new HashMap<>(Map.of(
                "name",
                "shop",
                "connection.url",
                database.url(),
                "connection.user",
                database.user(),
                "connection.password",
                SECRET));
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            props.put(pair[0], pair[1]);
        }
        return props;
    }
}
