package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import io.ectowatch.testkit.embedded.EmbeddedPostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An asynchronous standby is promoted that misses the last transactions. They were published, and the connector's offsets are
 * ahead of the new timeline.
 */
@Tag("database")
@ExtendWith(StackExtension.class)
class LaggingStandbyIT {

    private final Stack stack;
    private final ConnectRest rest;
    private final Path directory = DebianPrograms.newDirectory("lag");
    private EmbeddedPostgresServer primary;
    private EmbeddedPostgresServer standby;

    LaggingStandbyIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void aPrimaryAndAStandby() throws Exception {
        Path binaries = DebianPrograms.postgres(18);
        primary = new EmbeddedPostgresServer(Files.createDirectory(directory.resolve("a")));
        primary.create(binaries);
        primary.start();
        standby = primary.standby(directory.resolve("b"));
        standby.start();
    }

    @AfterEach
    void stop() {
        rest.connectors().stream().filter(name -> name.startsWith("lag")).forEach(rest::delete);
        if (primary != null) {
            primary.discard();
        }
        if (standby != null) {
            standby.discard();
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void whatTheNewPrimaryHasArrivesAndTheRestIsAnnounced(boolean stopped, boolean exactlyOnce) throws Exception {
        String url = primary.url().replace("/postgres", ",127.0.0.1:" + standby.port() + "/postgres")
                + "?targetServerType=primary&hostRecheckSeconds=1";
        String connector = "lag-" + stopped + "-" + exactlyOnce;
        stack.connect().restartWithExactlyOnce(exactlyOnce);
        try (VersionedLedger ledger = new VersionedLedger(
                stack,
                connector,
                () -> DriverManager.getConnection(
                        url + "&connectTimeout=5&socketTimeout=60", primary.user(), primary.password()))) {
            Map<String, String> config = ledger.settings();
            config.put("connection.url", url);
            config.put("connection.user", primary.user());
            config.put("connection.password", primary.password());
            config.put("exactly.once.support", exactlyOnce ? "required" : "requested");
            rest.putConnector(connector, config);
            rest.waitUntilRunning(connector);
            ledger.awaitTriggers();
            ledger.startWriters();
            ledger.awaitTransactions(200);
            stopFollowing();
            ledger.awaitTransactions(200);
            String last = ledger.text("INSERT INTO entries VALUES (1000, 0) RETURNING id");
            try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), connector + ".entries")) {
                reader.await(record ->
                        record.key() != null && record.key().get("id").asText().equals(last));
            }
            if (stopped) {
                rest.stop(connector);
                rest.waitUntil(connector, "STOPPED");
            }

            primary.stop(StopMode.IMMEDIATE);
            standby.promote();
            ledger.awaitTransactions(200);
            if (stopped) {
                rest.resume(connector);
                rest.waitUntilRunning(connector);
                ledger.awaitTransactions(100);
            }

            VersionedLedger.Result result = ledger.compare();
            assertThat(result.undone())
                    .as("published, and lost with the old primary")
                    .isPositive();
            assertThat(result.renumbered()).isZero();
            assertThat(result.resyncs()).isPositive();
        } finally {
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void stopFollowing() throws Exception {
        standby.configure("primary_conninfo = ''");
        standby.run("pg_ctl", "reload", "--pgdata=" + standby.data());
        try (var connection = primary.connect();
                var statement = connection.createStatement()) {
            await().until(() -> {
                try (var row = statement.executeQuery("SELECT count(*) FROM pg_stat_replication")) {
                    row.next();
                    return row.getInt(1) == 0;
                }
            });
        }
    }
}
