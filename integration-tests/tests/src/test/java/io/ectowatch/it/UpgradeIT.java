package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectorConfig;
import io.ectowatch.testkit.ConnectorStatus;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An earlier version of the connector and the present one, which one worker loads side by side (KIP-891). The version of a
 * connector goes up and down, by {@code connector.plugin.version}.
 */
@ExtendWith(StackExtension.class)
@EnabledIfSystemProperty(
        named = "old.plugin",
        matches = ".+",
        disabledReason = "the profile upgrades builds the plugin")
class UpgradeIT {

    /** The version as which {@code old-plugin.sh} builds the plugin. */
    private static final String OLD = "0.0.9";

    /** The version as which it builds the plugin of the first commit that has a journal. */
    private static final String FIRST = "0.0.1";

    private static final String NEW = System.getProperty("connector.version");

    private final Stack stack;
    private final ConnectRest rest;
    private final long seed = Long.getLong("ledger.seed", System.nanoTime());
    private TestDatabase database;
    private String connector;

    UpgradeIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void checkThatTheWorkerHasBothVersions() throws Exception {
        assumeBuilt(OLD);
        assertThat(rest.plugins())
                .filteredOn(plugin -> plugin.className().equals(ConnectorConfig.CLASS))
                .extracting(ConnectRest.Plugin::version)
                .contains(OLD, NEW);
        System.out.println("ledger.seed=" + seed);
        database = new TestDatabase(stack);
        connector = database.connector("ledger");
    }

    @AfterEach
    void deleteConnectors() {
        if (database != null) {
            database.close();
        }
    }

    /** A second connector stays at the old version meanwhile, and shares the schema with the first. */
    @Test
    void eachVersionContinuesTheJournalOfTheOtherWithoutLossOrResync() throws Exception {
        try (Ledger ledger = new Ledger(stack, database, seed)) {
            Map<String, String> staying = version(OLD, ledger.config(database.name() + "-staying"));
            database.createConnector("staying", staying);
            database.createConnector("ledger", version(OLD, ledger.config()));
            ledger.startWriters();
            goUpAndDown(ledger);
            ledger.compare();
            ledger.compare(database.name() + "-staying");
        }
    }

    @Test
    void withExactlyOnceNoChangeArrivesTwice() throws Exception {
        stack.connect().restartWithExactlyOnce(true);
        try (Ledger ledger = new Ledger(stack, database, seed)) {
            Map<String, String> config = ledger.config();
            config.put("exactly.once.support", "required");
            config.put("transaction.boundary", "interval");
            config.put("transaction.boundary.interval.ms", "300");
            database.createConnector("ledger", version(OLD, config));
            ledger.startWriters();
            goUpAndDown(ledger);
            assertThat(ledger.compare().duplicates()).isZero();
        } finally {
            database.close();
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void goUpAndDown(Ledger ledger) throws Exception {
        ledger.awaitChanges(200);

        rest.stop(connector);
        rest.waitUntil(connector, "STOPPED");
        ledger.awaitChanges(300);
        change(NEW);
        rest.resume(connector);
        awaitVersion(NEW);
        ledger.awaitChanges(100);
        stack.connect().restart();
        rest.waitUntilRunning(connector);
        ledger.awaitChanges(100);

        change(OLD);
        awaitVersion(OLD);
        ledger.awaitChanges(100);
        stack.postgres().restart(StopMode.IMMEDIATE);
        ledger.awaitChanges(100);

        change(NEW);
        stack.connect().restart(); // perhaps while the functions are replaced
        awaitVersion(NEW);
        stack.kafka().restart();
        ledger.awaitChanges(100);

        rest.stop(connector);
        rest.waitUntil(connector, "STOPPED");
        ledger.awaitChanges(300);
        change(OLD);
        rest.resume(connector);
        awaitVersion(OLD);
        ledger.awaitChanges(100);
    }

    /** What only the present version writes: the context of a transaction, and a request for a backfill. */
    @ParameterizedTest
    @ValueSource(strings = {"context", "backfill"})
    void anEarlierVersionAnnouncesWhatItCannotRead(String feature) throws Exception {
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("crates");
        config.put("delivery.mode", "durable");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        if (feature.equals("context")) {
            config.put("context.allowed", "true");
        }
        database.createConnector("ledger", version(NEW, config));
        database.execute("INSERT INTO crates VALUES (1)");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            reader.await(1);
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            database.execute(
                    feature.equals("context")
                            ? "BEGIN; SET LOCAL ectowatch.context = 'nightly import'; INSERT INTO crates VALUES (2); COMMIT"
                            : "SELECT ectowatch.backfill('" + connector + "', 'crates')",
                    "INSERT INTO crates VALUES (3)");
            config.remove("context.allowed");
            rest.putConnector(connector, version(OLD, config));
            rest.resume(connector);
            List<String> published = new ArrayList<>();
            reader.await(record -> {
                published.add(text(record));
                return record.key() != null && record.key().get("id").asInt() == 3;
            });
            assertThat(published).contains("resync");

            awaitVersion(OLD);
            database.execute("INSERT INTO crates VALUES (4)");
            assertThat(text(reader.await(
                            record -> record.key() != null && !text(record).equals("inserted 3"))))
                    .isEqualTo("inserted 4");
        }
    }

    /** With {@code install.mode=verify} an operator runs the SQL that each version prints, while the connector is stopped. */
    @Test
    void aVersionThatFindsTheSqlOfAnotherIsRefusedUntilItsOwnWasRun() throws Exception {
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("crates");
        config.put("name", connector);
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        database.execute(printed(OLD, config));
        config.put("install.mode", "verify");
        database.createConnector("ledger", version(OLD, config));
        database.execute("INSERT INTO crates VALUES (1)");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            assertThat(text(reader.await(1).get(0))).isEqualTo("inserted 1");
            int next = 2;
            for (String version : List.of(NEW, OLD)) {
                rest.stop(connector);
                rest.waitUntil(connector, "STOPPED");
                database.execute("INSERT INTO crates VALUES (" + next + ")");
                assertThatThrownBy(() -> rest.putConnector(connector, version(version, config)))
                        .hasMessageContainingAll("install.mode", connector + ".public.crates.insert");

                database.execute(printed(version, config));
                database.execute("INSERT INTO crates VALUES (" + (next + 1) + ")");
                rest.putConnector(connector, version(version, config));
                rest.resume(connector);
                awaitVersion(version);
                // Functions that the task has not replaced itself may have lost changes: a resync says so.
                assertThat(text(reader.await(record -> record.key() != null))).isEqualTo("inserted " + next);
                assertThat(text(reader.await(record -> record.key() != null))).isEqualTo("inserted " + (next + 1));
                next += 2;
            }
        }
    }

    /** No document says what the first build writes, and its objects have other columns and no comments. */
    @Test
    void objectsOfTheFirstBuildAreRefusedUntilTheyAreDropped() throws Exception {
        assumeBuilt(FIRST);
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("crates");
        config.put("delivery.mode", "durable");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        database.createConnector("ledger", version(FIRST, config));
        database.execute("INSERT INTO crates VALUES (1)");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            assertThat(text(reader.await(1).get(0))).isEqualTo("inserted 1");
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            database.execute("INSERT INTO crates VALUES (2)");
            assertThatThrownBy(() -> rest.putConnector(connector, version(NEW, config)))
                    .hasMessageContainingAll(
                            "database.schema",
                            connector + ".journal.0",
                            "its comment does not mark it as an object of connector");

            rest.resetOffsets(connector);
            database.execute("DROP SCHEMA ectowatch CASCADE");
            rest.putConnector(connector, version(NEW, config));
            rest.resume(connector);
            awaitVersion(NEW);
            database.execute("INSERT INTO crates VALUES (3)");
            assertThat(text(reader.await(1).get(0))).isEqualTo("inserted 3");
        }
    }

    private static void assumeBuilt(String version) {
        Path missing = Path.of(System.getProperty("old.plugin"), version, "missing");
        assumeTrue(!Files.exists(missing), () -> "no plugin of an earlier version: " + missing);
    }

    private String printed(String version, Map<String, String> config) {
        Map<String, String> printing = new HashMap<>(config);
        printing.put("install.mode", "print");
        return rest.validatedValue(version(version, printing), "install.sql");
    }

    private static String text(ReceivedRecord record) {
        String event = record.value().get("event").asText();
        return record.key() == null
                ? event
                : event + " " + record.key().get("id").asInt();
    }

    private static Map<String, String> version(String version, Map<String, String> config) {
        config.put("connector.plugin.version", "[" + version + "]");
        return config;
    }

    private void change(String version) {
        rest.putConnector(connector, version(version, rest.config(connector)));
    }

    /** Waits until a task of this version runs, which has installed its functions. */
    private void awaitVersion(String version) {
        await().atMost(Ledger.TIMEOUT).ignoreExceptions().untilAsserted(() -> {
            ConnectorStatus status = rest.waitUntilRunning(connector);
            assertThat(status.tasks()).extracting(ConnectorStatus.Part::version).containsOnly(version);
        });
    }
}
