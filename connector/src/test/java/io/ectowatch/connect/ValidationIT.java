package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ectowatch.connect.testing.FaultyProxy;
import io.ectowatch.connect.testing.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code PUT /connector-plugins/.../config/validate} answers: each error on its own key, and nothing touched. */
class ValidationIT {

    private static final String SECRET = "s3cr3t-p4ssw0rd";

    private TestDatabase database;

    @BeforeEach
    void aDatabase() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text)",
                "CREATE TABLE \"Users\" (id int PRIMARY KEY)",
                "CREATE TABLE keyless (id int)",
                "CREATE VIEW people AS SELECT * FROM users",
                "CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM users",
                "CREATE SCHEMA billing",
                "CREATE TABLE billing.users (id int PRIMARY KEY)",
                "CREATE TABLE billing.\"in voices\" (id int PRIMARY KEY)",
                "CREATE TABLE billing.in_voices (id int PRIMARY KEY)");
    }

    @AfterEach
    void nothingWasTouched() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"
                        + " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'ectowatch')")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
        database.close();
    }

    @Test
    void aGoodConfigurationHasNoErrors() {
        assertThat(errors("tables=users, billing.us*, \"Users\"", "topic.format=${prefix}.${schema}.${table}.${event}"))
                .isEmpty();
    }

    @Test
    void anUnknownTableIsToldWithWhatMayHaveBeenMeant() {
        assertThat(errors("tables=user")).containsOnlyKeys("tables").hasEntrySatisfying("tables", message -> assertThat(
                        message)
                .contains("no table public.user")
                .contains("public.users"));
        assertThat(errors("tables=ghosts.of.x")).containsOnlyKeys("tables");
        assertThat(errors("tables=billing.nothing")).containsOnlyKeys("tables");
    }

    @Test
    void aTableThatNeedsQuotesIsToldHowToWriteIt() throws Exception {
        database.execute("CREATE TABLE \"Orders\" (id int PRIMARY KEY)");
        assertThat(errors("tables=Orders").get("tables")).contains("\"public\".\"Orders\"");
        assertThat(errors("tables=\"Orders\"")).isEmpty();
    }

    @Test
    void whatCannotHaveTriggersOrHasNoKeyIsRefused() throws Exception {
        database.execute(
                "CREATE FOREIGN DATA WRAPPER nowhere",
                "CREATE SERVER far FOREIGN DATA WRAPPER nowhere",
                "CREATE FOREIGN TABLE remote (id int) SERVER far");
        assertThat(errors("tables=keyless").get("tables"))
                .contains("no primary key")
                .contains("ADD PRIMARY KEY");
        assertThat(errors("tables=people").get("tables")).contains("is a view");
        assertThat(errors("tables=counts").get("tables")).contains("is a materialized view");
        assertThat(errors("tables=remote").get("tables")).contains("is a foreign table");
    }

    @Test
    void aGlobThatMatchesNothingIsAnErrorAndSoIsAnEmptyList() {
        assertThat(errors("tables=audit.*")).containsOnlyKeys("tables");
        assertThat(errors("tables=")).containsOnlyKeys("tables");
        assertThat(errors("tables=keyl*").get("tables"))
                .contains("matches no table")
                .contains("no primary key");
    }

    @Test
    void anUnknownEventIsToldOnItsKey() {
        assertThat(errors("tables=users", "events=inserted,destroyed"))
                .containsOnlyKeys("events")
                .hasEntrySatisfying("events", message -> assertThat(message).contains("destroyed"));
        assertThat(errors("tables=users", "events=")).containsOnlyKeys("events");
    }

    @Test
    void twoTablesOnOneTopicAreRefusedWithAWayOut() {
        assertThat(errors("tables=users, billing.users"))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying("topic.format", message -> assertThat(message)
                        .contains("ectowatch.users.inserted")
                        .contains("${schema}"));
        assertThat(errors("tables=billing.\"in voices\", billing.in_voices"))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying("topic.format", message -> assertThat(message)
                        .containsOnlyOnce("would share")
                        .contains("label")
                        .doesNotContain("${schema}"));
        assertThat(errors("tables=users, billing.users", "topic.format=${prefix}.${schema}.${table}.${event}"))
                .isEmpty();
    }

    @Test
    void twoWatchersOfOneTableNeedDifferentEventsOrALabel() {
        String[] both = {"watchers=a,b", "watchers.a.table=users", "watchers.b.table=users"};
        assertThat(errors(both).values()).singleElement().asString().contains("label");
        assertThat(errors(with(both, "watchers.b.label=again"))).isEmpty();
        assertThat(errors(with(both, "watchers.a.events=inserted", "watchers.b.events=deleted")))
                .isEmpty();
    }

    @Test
    void illegalCharactersInPrefixOrFormatAreToldOnTheirKeys() {
        assertThat(errors("tables=users", "topic.prefix=a b")).containsOnlyKeys("topic.prefix");
        assertThat(errors("tables=users", "topic.format=${prefix}/${table}")).containsOnlyKeys("topic.format");
        assertThat(errors("tables=users", "topic.format=${prefix}.${tabel}")).containsOnlyKeys("topic.format");
    }

    @Test
    void anUnknownExtraColumnIsToldOnTheWatchersKey() {
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=emial"))
                .containsOnlyKeys("watchers.w.extra.columns")
                .hasEntrySatisfying(
                        "watchers.w.extra.columns",
                        message -> assertThat(message).contains("emial").contains("email"));
    }

    @Test
    void anExtraColumnNamedTwiceOrTooManyOfThemAreToldOnTheWatchersKey() throws Exception {
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=email,email"))
                .containsOnlyKeys("watchers.w.extra.columns");

        String hundred = IntStream.range(0, 100).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        database.execute("CREATE TABLE wide (id int PRIMARY KEY, " + hundred.replace(",", " int,") + " int)");
        assertThat(errors("watchers=w", "watchers.w.table=wide", "watchers.w.extra.columns=" + hundred))
                .containsOnlyKeys("watchers.w.extra.columns")
                .hasEntrySatisfying("watchers.w.extra.columns", message -> assertThat(message)
                        .contains("101 columns"));
        assertThat(errors(
                        "watchers=w",
                        "watchers.w.table=wide",
                        "watchers.w.extra.columns=" + hundred.substring("c0, ".length())))
                .isEmpty();
    }

    @Test
    void aWrongPasswordIsToldOnThePasswordAndNeverShown() throws Exception {
        String role = database.roleWithPassword("locked", SECRET);
        assertThat(errors("tables=users", "connection.user=" + role, "connection.password=wrong-" + SECRET))
                .containsOnlyKeys("connection.password")
                .hasEntrySatisfying(
                        "connection.password", message -> assertThat(message).doesNotContain(SECRET));
    }

    @Test
    void anUnreachableHostAndAnUnknownDatabaseAreToldOnTheUrl() throws Exception {
        assertThat(errors("tables=users", "connection.url=jdbc:postgresql://localhost:1/shop"))
                .containsOnlyKeys("connection.url");
        assertThat(errors("tables=users", "connection.url=jdbc:postgresql://localhost:" + database.port() + "/nowhere"))
                .containsOnlyKeys("connection.url")
                .hasEntrySatisfying(
                        "connection.url", message -> assertThat(message).contains("nowhere"));
    }

    @Test
    void aHostThatNeverAnswersIsToldOnTheUrl() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(database.host(), database.port())) {
            proxy.swallowEverything();
            assertThat(errors("tables=users", "connection.url=jdbc:postgresql://localhost:" + proxy.port() + "/shop"))
                    .containsOnlyKeys("connection.url");
        }
    }

    @Test
    void missingPrivilegesAreToldWithTheGrantToRun() throws Exception {
        String role = database.role("nobody");
        database.execute("REVOKE CREATE ON DATABASE " + database.name() + " FROM PUBLIC");
        String message = errors("tables=users", "connection.user=" + role).get("database.schema");
        assertThat(message).contains("CREATE SCHEMA \"ectowatch\" AUTHORIZATION \"" + role + "\"");

        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
        assertThat(errors("tables=users", "connection.user=" + role).get("tables"))
                .contains("GRANT TRIGGER ON TABLE \"public\".\"users\" TO \"" + role + "\"");
        assertThat(errors("tables=billing.users", "connection.user=" + role).get("tables"))
                .contains("GRANT USAGE ON SCHEMA \"billing\" TO \"" + role + "\"");

        database.execute("GRANT TRIGGER ON users TO " + role);
        assertThat(errors("tables=users", "connection.user=" + role)).isEmpty();
    }

    @Test
    void aSchemaThatTheRoleMayNotCreateInIsToldWithTheGrantToRun() throws Exception {
        String role = database.role("nobody");
        database.execute("CREATE SCHEMA own", "GRANT TRIGGER ON users TO " + role);
        assertThat(errors("tables=users", "database.schema=own", "connection.user=" + role)
                        .get("database.schema"))
                .contains("GRANT USAGE, CREATE ON SCHEMA \"own\" TO \"" + role + "\"");
    }

    @Test
    void aTableThatTwoPatternsMatchIsWatchedOnce() {
        assertThat(errors("tables=users, user*")).isEmpty();
    }

    @Test
    void globsPassOverTheConnectorsOwnSchema() throws Exception {
        database.execute("CREATE SCHEMA own", "CREATE TABLE own.journal (id int PRIMARY KEY)");
        assertThat(errors("tables=own.*")).isEmpty();
        assertThat(errors("tables=own.*", "database.schema=own").get("tables")).contains("matches no table");
    }

    @Test
    void globsPassOverWhatIsNoTableWithoutAWord() {
        assertThat(errors("tables=peo*").get("tables"))
                .contains("matches no table")
                .doesNotContain("people is a view");
    }

    @Test
    void aPartitionBesideItsRootIsRefusedAndAGlobTakesTheRootAlone() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)");
        assertThat(errors("tables=logs, logs_1").get("tables"))
                .contains("public.logs_1 is a partition")
                .contains("leave one of the two out");
        assertThat(errors("tables=logs*")).isEmpty();
    }

    @Test
    void aVirtualColumnIsToldOnTheWatchersKey() throws Exception {
        assumeThat(TestDatabase.serverVersion()).isGreaterThanOrEqualTo(18);
        database.execute("ALTER TABLE users ADD twice int GENERATED ALWAYS AS (id * 2) VIRTUAL");
        assertThat(errors("watchers=w", "watchers.w.table=users", "watchers.w.extra.columns=twice")
                        .get("watchers.w.extra.columns"))
                .contains("virtual generated column")
                .contains("stored");
    }

    @Test
    void tablesMayShareATopicByTheirLabelOrWhereItsFormatHasNoEvent() {
        assertThat(errors(
                        "watchers=a,b",
                        "watchers.a.table=users",
                        "watchers.a.label=people",
                        "watchers.b.table=billing.users",
                        "watchers.b.label=people"))
                .isEmpty();
        assertThat(errors(
                        "topic.format=${prefix}.${table}",
                        "watchers=a,b",
                        "watchers.a.table=users",
                        "watchers.a.events=inserted",
                        "watchers.b.table=users",
                        "watchers.b.events=deleted"))
                .isEmpty();
    }

    @Test
    void withTombstonesTheTopicsOfResyncAreCheckedToo() {
        String[] tombstones = {"tombstones=true", "topic.format=${prefix}.${table}"};
        assertThat(errors(and(tombstones, "tables=users"))).isEmpty();

        String topic = "t".repeat(245);
        assertThat(errors(and(tombstones, "watchers=w", "watchers.w.table=users", "watchers.w.topic=" + topic)))
                .containsOnlyKeys("watchers.w.topic")
                .hasEntrySatisfying("watchers.w.topic", message -> assertThat(message)
                        .contains(topic + ".resync would have 252 characters"));
        String label = "l".repeat(235);
        assertThat(errors(and(tombstones, "watchers=w", "watchers.w.table=users", "watchers.w.label=" + label)))
                .containsOnlyKeys("watchers.w.label");
    }

    private static String[] and(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void aTopicTooLongForKafkaIsToldOnTheFormat() {
        assertThat(errors("tables=users", "topic.format=${prefix}.${table}.${event}." + "x".repeat(240)))
                .containsOnlyKeys("topic.format")
                .hasEntrySatisfying(
                        "topic.format", message -> assertThat(message).contains("249"));
    }

    @Test
    void aStandbyIsRefused(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setLocaleConfig("locale", "C")
                .setDataDirectory(data)
                .setCleanDataDirectory(false);
        builder.start().close();
        Files.createFile(data.resolve("standby.signal"));
        try (EmbeddedPostgres standby = builder.start()) {
            assertThat(errors(
                            "tables=users",
                            "connection.url=jdbc:postgresql://localhost:" + standby.getPort() + "/postgres"))
                    .containsOnlyKeys("connection.url")
                    .hasEntrySatisfying(
                            "connection.url", message -> assertThat(message).contains("standby"));
        }
    }

    @Test
    void aServerOlderThanPostgres14IsRefused() throws Exception {
        Path binaries = Path.of(System.getProperty("postgres.too.old.jar"));
        try (URLClassLoader old = new URLClassLoader(new URL[] {binaries.toUri().toURL()}, null);
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setPgBinaryResolver((system, machine) -> binaries(old))
                        .start()) {
            assertThat(errors(
                            "tables=users",
                            "connection.url=jdbc:postgresql://localhost:" + server.getPort() + "/postgres"))
                    .containsOnlyKeys("connection.url")
                    .hasEntrySatisfying("connection.url", message -> assertThat(message)
                            .contains("PostgreSQL 13")
                            .contains("14"));
        }
    }

    /** The jar holds one archive, named for its platform. */
    private static InputStream binaries(URLClassLoader jar) throws IOException {
        try (JarFile file = new JarFile(Path.of(jar.getURLs()[0].getPath()).toFile())) {
            String archive = file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".txz"))
                    .findFirst()
                    .orElseThrow();
            return jar.getResourceAsStream(archive);
        }
    }

    private static String[] with(String[] settings, String... more) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** The errors by key, several of one key joined. */
    private Map<String, String> errors(String... settings) {
        Map<String, String> props = new HashMap<>();
        props.put("name", "shop");
        props.put("connector.class", EctoWatchSourceConnector.class.getName());
        props.put("connection.url", database.url());
        props.put("connection.user", database.user());
        props.put("connection.password", SECRET);
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            props.put(pair[0], pair[1]);
        }
        Map<String, String> errors = new HashMap<>();
        for (ConfigValue value : new EctoWatchSourceConnector().validate(props).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), String.join(" ", value.errorMessages()));
            }
        }
        assertThat(errors.values()).allSatisfy(message -> assertThat(message)
                .doesNotContain(SECRET)
                .doesNotContain("Exception")
                .doesNotContain("\tat "));
        return errors;
    }
}
