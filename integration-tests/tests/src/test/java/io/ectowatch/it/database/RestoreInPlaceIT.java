package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectorStatus.Part;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedPostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A database is dumped while the connector and the writers run, and later put back in place by {@code pg_restore --clean}. */
@Tag("database")
@ExtendWith(StackExtension.class)
class RestoreInPlaceIT {

    private final Stack stack;
    private final ConnectRest rest;
    private final Path directory = DebianPrograms.newDirectory("restore");
    private EmbeddedPostgresServer server;

    RestoreInPlaceIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void aServer() {
        Path binaries = DebianPrograms.postgres(18);
        server = new EmbeddedPostgresServer(directory);
        server.create(binaries);
        server.start();
    }

    @AfterEach
    void stop() {
        rest.connectors().stream().filter(name -> name.startsWith("restored")).forEach(rest::delete);
        if (server != null) {
            server.discard();
        }
    }

    @Test
    void aRestoreWhileTheConnectorIsStoppedLosesNothingThatIsRestored() throws Exception {
        String connector = "restored-stopped";
        try (VersionedLedger ledger = new VersionedLedger(stack, connector, server::connect)) {
            dumpUnderLoad(connector, ledger);
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            ledger.awaitTransactions(100);
            ledger.stopWriters();

            restore();
            ledger.startWriters();
            ledger.awaitTransactions(100);
            rest.resume(connector);
            rest.waitUntilRunning(connector);
            ledger.awaitTransactions(100);

            assertThatTheLossIsAnnounced(ledger.compare());
        }
    }

    /** What the connector has not read yet is in the dump, too. */
    @Test
    void aBacklogThatIsRestoredArrives() throws Exception {
        String connector = "restored-backlog";
        try (VersionedLedger ledger = new VersionedLedger(stack, connector, server::connect)) {
            create(connector, ledger);
            ledger.startWriters();
            ledger.awaitTransactions(100);
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            ledger.awaitTransactions(200);
            dump();
            ledger.awaitTransactions(100);
            ledger.stopWriters();

            restore();
            ledger.startWriters();
            ledger.awaitTransactions(100);
            rest.resume(connector);
            rest.waitUntilRunning(connector);

            assertThat(ledger.compare().resyncs()).isPositive();
        }
    }

    /**
     * The task meets the states that a restore goes through: no objects, tables without keys, rows without triggers. A task that
     * fails is restarted, no other.
     */
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void aRestoreUnderARunningConnectorLosesNothingThatIsRestored(boolean waitForRows, boolean waitForKeys)
            throws Exception {
        String connector = "restored-" + waitForRows + "-" + waitForKeys;
        try (VersionedLedger ledger = new VersionedLedger(stack, connector, server::connect)) {
            dumpUnderLoad(connector, ledger);
            ledger.stopWriters();

            restore("--section=pre-data");
            if (waitForRows) {
                awaitReactionOf(connector);
            }
            restore("--section=data");
            if (waitForKeys) {
                awaitReactionOf(connector);
            }
            restore("--section=post-data");
            ledger.startWriters();
            ledger.awaitTransactions(100);
            awaitReactionOf(connector);
            restartIfFailed(connector);
            ledger.awaitTransactions(100);

            assertThatTheLossIsAnnounced(ledger.compare());
        }
    }

    private void create(String connector, VersionedLedger ledger) throws Exception {
        Map<String, String> config = ledger.settings();
        config.put("connection.url", server.url());
        config.put("connection.user", server.user());
        config.put("connection.password", server.password());
        rest.putConnector(connector, config);
        rest.waitUntilRunning(connector);
        ledger.awaitTriggers();
    }

    private void dumpUnderLoad(String connector, VersionedLedger ledger) throws Exception {
        create(connector, ledger);
        ledger.startWriters();
        ledger.awaitTransactions(200);
        dump();
        ledger.awaitTransactions(200);
    }

    private void dump() {
        run("pg_dump", "--format=custom", "--file=" + directory.resolve("dump"), "postgres");
    }

    private String restore(String... options) {
        List<String> arguments = new ArrayList<>(List.of("--clean", "--if-exists", "--dbname=postgres"));
        arguments.addAll(List.of(options));
        arguments.add(directory.resolve("dump").toString());
        try {
            return run("pg_restore", arguments.toArray(String[]::new));
        } catch (IllegalStateException e) {
            // Without --exit-on-error it goes on: objects that the task has created meanwhile exist already.
            assertThat(e).hasMessageContaining("errors ignored on restore");
            System.out.println(e.getMessage());
            return e.getMessage();
        }
    }

    private String run(String program, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("--host=" + server.host(), "--port=" + server.port(), "--username=postgres"));
        arguments.addAll(List.of(more));
        return server.run(program, arguments.toArray(String[]::new));
    }

    /** The task compares the tables with what it knows every five seconds. */
    private void awaitReactionOf(String connector) {
        long begin = System.nanoTime();
        await().until(() -> System.nanoTime() - begin > 7_000_000_000L
                || rest.status(connector).tasks().stream()
                        .anyMatch(task -> task.state().equals("FAILED")));
    }

    private void restartIfFailed(String connector) {
        Part task = rest.status(connector).tasks().get(0);
        System.out.println(task);
        if (task.state().equals("FAILED")) {
            assertThat(task.trace()).contains("restart the connector's task");
            rest.restart(connector);
            await().until(() -> rest.status(connector).tasks().stream()
                    .allMatch(restarted -> restarted.state().equals("RUNNING")));
        }
    }

    private static void assertThatTheLossIsAnnounced(VersionedLedger.Result result) {
        assertThat(result.undone()).as("published, and gone with the restore").isPositive();
        assertThat(result.resyncs()).isPositive();
    }
}
