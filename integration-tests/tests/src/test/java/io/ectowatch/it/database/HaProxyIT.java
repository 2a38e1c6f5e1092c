package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedPostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HAProxy stands in front of a primary and its synchronous standby, which is promoted while writers write. */
@Tag("database")
@ExtendWith(StackExtension.class)
class HaProxyIT {

    private final Stack stack;
    private final ConnectRest rest;
    private final Path directory = DebianPrograms.newDirectory("haproxy");
    private EmbeddedPostgresServer primary;
    private EmbeddedPostgresServer standby;

    HaProxyIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void aPrimaryAndAStandby() throws Exception {
        Path binaries = DebianPrograms.postgres(18);
        primary = new EmbeddedPostgresServer(Files.createDirectory(directory.resolve("a")));
        primary.create(binaries);
        trustTheHealthCheck(primary);
        primary.start();
        execute("CREATE ROLE " + HaProxy.ROLE + " LOGIN");
        standby = primary.standby(directory.resolve("b"));
        standby.start();
        execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        await().until(() -> {
            try (Connection connection = primary.connect();
                    Statement statement = connection.createStatement();
                    var row = statement.executeQuery(
                            "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")) {
                row.next();
                return row.getInt(1) == 1;
            }
        });
    }

    private static void trustTheHealthCheck(EmbeddedPostgresServer server) throws IOException {
        Path rules = server.data().resolve("pg_hba.conf");
        Files.writeString(rules, "host postgres " + HaProxy.ROLE + " 127.0.0.1/32 trust\n" + Files.readString(rules));
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @AfterEach
    void stop() {
        rest.connectors().stream().filter(name -> name.startsWith("haproxy")).forEach(rest::delete);
        if (primary != null) {
            primary.discard();
        }
        if (standby != null) {
            standby.discard();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCommittedChangeArrivesDespiteAPromotion(boolean exactlyOnce) throws Exception {
        String connector = exactlyOnce ? "haproxy-once" : "haproxy";
        stack.connect().restartWithExactlyOnce(exactlyOnce);
        try (HaProxy proxy = new HaProxy(directory, primary.port(), standby.port());
                VersionedLedger ledger = new VersionedLedger(
                        stack,
                        connector,
                        () -> DriverManager.getConnection(
                                proxy.url() + "?connectTimeout=5&socketTimeout=60",
                                primary.user(),
                                primary.password()))) {
            Map<String, String> config = ledger.settings();
            config.put("connection.url", proxy.url());
            config.put("connection.user", primary.user());
            config.put("connection.password", primary.password());
            config.put("exactly.once.support", exactlyOnce ? "required" : "requested");
            rest.putConnector(connector, config);
            rest.waitUntilRunning(connector);
            ledger.awaitTriggers();
            ledger.startWriters();
            ledger.awaitTransactions(200);

            proxy.killHard();
            proxy.start();
            ledger.awaitTransactions(200);
            primary.stop(StopMode.IMMEDIATE);
            standby.promote();
            ledger.awaitTransactions(200);
            proxy.killHard();
            proxy.start();
            ledger.awaitTransactions(200);

            VersionedLedger.Result result = ledger.compare();
            assertThat(result.undone())
                    .as("nothing was published that the standby did not have")
                    .isZero();
            assertThat(result.renumbered()).isZero();
            assertThat(result.resyncs()).as("the timeline has changed").isPositive();
            assertThat(rest.status(connector).tasks())
                    .allSatisfy(task -> assertThat(task.state()).isEqualTo("RUNNING"));
        } finally {
            stack.connect().restartWithExactlyOnce(false);
        }
    }
}
