package io.ectowatch.it.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.it.StackExtension;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedPostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server is upgraded by {@code pg_upgrade} while the connector is stopped, and writers write before and after. */
@Tag("database")
@ExtendWith(StackExtension.class)
class PgUpgradeIT {

    private final Stack stack;
    private final ConnectRest rest;
    private final Path directory = DebianPrograms.newDirectory("pg-upgrade");
    private Path oldPrograms;
    private EmbeddedPostgresServer old;
    private EmbeddedPostgresServer upgraded;
    private String connector;

    PgUpgradeIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void anOldServer() throws Exception {
        oldPrograms = DebianPrograms.postgres17BeforeUpgrade(directory.resolve("programs"));
        old = new EmbeddedPostgresServer(Files.createDirectory(directory.resolve("17")));
        old.create(oldPrograms);
        // PostgreSQL 18 has checksums unless told otherwise, and pg_upgrade requires the same on both sides.
        old.run("pg_checksums", "--enable", "--pgdata=" + old.data());
        old.start();
    }

    @AfterEach
    void stop() {
        if (connector != null) {
            rest.delete(connector);
        }
        Stream.of(old, upgraded).filter(Objects::nonNull).forEach(EmbeddedPostgresServer::discard);
    }

    @ParameterizedTest
    @CsvSource({"--copy, false", "--link, true", "--swap, false"})
    void everyChangeArrivesAfterTheUpgrade(String transfer, boolean exactlyOnce) throws Exception {
        upgraded = old.successor(Files.createDirectory(directory.resolve("18")));
        stack.connect().restartWithExactlyOnce(exactlyOnce);
        String topics = "upgrade" + transfer;
        try (VersionedLedger ledger = new VersionedLedger(stack, topics, old::connect)) {
            Map<String, String> config = ledger.settings();
            config.put("connection.url", old.url());
            config.put("connection.user", old.user());
            config.put("connection.password", old.password());
            config.put("exactly.once.support", exactlyOnce ? "required" : "requested");
            rest.putConnector(topics, config);
            connector = topics;
            rest.waitUntilRunning(connector);
            ledger.awaitTriggers();

            ledger.startWriters();
            ledger.awaitTransactions(200);
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            ledger.awaitTransactions(200);
            ledger.stopWriters();
            old.stop(StopMode.FAST);
            upgrade(transfer);
            upgraded.start();
            assertThat(ledger.text("SHOW server_version_num")).startsWith("18");
            ledger.startWriters();
            ledger.awaitTransactions(200);
            rest.resume(connector);
            rest.waitUntilRunning(connector);
            ledger.awaitTransactions(200);

            VersionedLedger.Result result = ledger.compare();
            assertThat(result.undone()).isZero();
            assertThat(result.resyncs()).as("the journal is a copy").isPositive();
            assertThat(result.renumbered())
                    .as("the journal's rows have new numbers: those of the old server mean nothing here")
                    .isPositive();
        } finally {
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void upgrade(String transfer) {
        upgraded.create(DebianPrograms.postgres(18));
        System.out.println(upgraded.run(
                "pg_upgrade",
                transfer,
                "--old-bindir=" + oldPrograms.resolve("bin"),
                "--new-bindir=" + DebianPrograms.postgres(18).resolve("bin"),
                "--old-datadir=" + old.data(),
                "--new-datadir=" + upgraded.data(),
                "--username=" + old.user(),
                "--socketdir=/tmp",
                "--no-sync"));
    }
}
