package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
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

/** A database is dumped while all is at work, and later put back in place by {@code pg_restore --clean}. */
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

    /** The whole restore takes less time than the task needs to notice. */
    @Test
    void aRestoreUnderARunningConnectorLosesNothingThatIsRestored() throws Exception {
        String connector = "restored-running";
        try (VersionedLedger ledger = new VersionedLedger(stack, connector, server::connect)) {
            dumpUnderLoad(connector, ledger);
            ledger.stopWriters();

            restore();
            ledger.startWriters();
            restartWhenAllIsRestored(connector, ledger);
            ledger.awaitTransactions(100);

            assertThatTheLossIsAnnounced(ledger.compare());
        }
    }

    /** The task meets each state that a slow restore goes through: no objects, tables without keys, rows without triggers. */
    @Test
    void aSlowRestoreUnderARunningConnectorLosesNothingThatIsRestored() throws Exception {
        String connector = "restored-slowly";
        try (VersionedLedger ledger = new VersionedLedger(stack, connector, server::connect)) {
            dumpUnderLoad(connector, ledger);
            ledger.stopWriters();

            restore("--section=pre-data");
            awaitReactionOf(connector);
            restore("--section=data");
            awaitReactionOf(connector);
            restore("--section=post-data");
            ledger.startWriters();
            restartWhenAllIsRestored(connector, ledger);
            ledger.awaitTransactions(100);

            assertThatTheLossIsAnnounced(ledger.compare());
        }
    }

    private void dumpUnderLoad(String connector, VersionedLedger ledger) throws Exception {
        Map<String, String> config = ledger.settings();
        config.put("connection.url", server.url());
        config.put("connection.user", server.user());
        config.put("connection.password", server.password());
        rest.putConnector(connector, config);
        rest.waitUntilRunning(connector);
        ledger.awaitTriggers();
        ledger.startWriters();
        ledger.awaitTransactions(200);
        run("pg_dump", "--format=custom", "--file=" + directory.resolve("dump"), "postgres");
        ledger.awaitTransactions(200);
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

    /** As lifecycle.md asks for. */
    private void restartWhenAllIsRestored(String connector, VersionedLedger ledger) {
        ledger.awaitTransactions(50);
        System.out.println(rest.status(connector));
        rest.restart(connector);
        rest.waitUntilRunning(connector);
        ledger.awaitTriggers();
    }

    private static void assertThatTheLossIsAnnounced(VersionedLedger.Result result) {
        assertThat(result.undone()).as("published, and gone with the restore").isPositive();
        assertThat(result.resyncs()).isPositive();
    }
}
