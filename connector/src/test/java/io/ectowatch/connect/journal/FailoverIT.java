package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server is replaced by another, or by an older state of itself: transaction numbers are given out again. */
class FailoverIT {

    @TempDir
    Path directory;

    private OwnServer primary;
    private OwnServer standby;

    @BeforeEach
    void aPrimary() throws Exception {
        primary = OwnServer.start(directory.resolve("primary"), "wal_keep_size = 256MB");
        primary.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @AfterEach
    void stop() {
        primary.close();
        if (standby != null) {
            standby.close();
        }
    }

    @Test
    void aFailoverLosesNothingThatTheStandbyHas() throws Exception {
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
            standby = primary.standby(directory.resolve("standby"));
        }
        try (Watching watching = start(null, primary, standby)) {
            watching.awaitInstalled();
            primary.execute("INSERT INTO users VALUES (1), (2)");
            primary.execute("INSERT INTO users VALUES (3)");
            watching.changes(3);
            watching.commit();
            primary.execute("INSERT INTO users VALUES (4)");
            primary.awaitReplayedBy(standby);
            standby.stopFollowing();
            // Delivered, and lost with the primary; the same transaction numbers are given out again below.
            for (int id = 100; id < 120; id++) {
                primary.execute("INSERT INTO users VALUES (" + id + ")");
            }
            watching.changes(24);
            watching.commit();
            watching.forget();

            primary.crash();
            standby.promote();
            for (int id = 5; id < 15; id++) {
                standby.execute("INSERT INTO users VALUES (" + id + ")");
            }
            awaitInserted(watching, IntStream.range(5, 15));
            assertThat(watching.published()).contains("public.users inserted [4]");
            standby.execute("INSERT INTO users VALUES (15)");
            awaitInserted(watching, IntStream.of(15));
        }
    }

    @Test
    void aTaskThatStartsAfterTheFailoverTrustsNoNumberOfTheOldPrimary() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
            standby = primary.standby(directory.resolve("standby"));
            primary.awaitReplayedBy(standby);
            standby.stopFollowing();
            for (int id = 100; id < 120; id++) {
                primary.execute("INSERT INTO users VALUES (" + id + ")");
            }
            watching.changes(20);
            offset = watching.lastOffset();
        }
        primary.crash();
        standby.promote();
        standby.execute("INSERT INTO users VALUES (1)");
        standby.execute("INSERT INTO users VALUES (2)");
        try (Watching watching = start(offset, primary, standby)) {
            awaitInserted(watching, IntStream.of(1, 2));
        }
    }

    /** That it had taken over the journal is lost with the old primary, as if an earlier task still had it. */
    @Test
    void aTaskWhoseTakeoverTheStandbyHasNotSeenGoesOn() throws Exception {
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
            standby = primary.standby(directory.resolve("standby"));
            primary.awaitReplayedBy(standby);
            standby.stopFollowing();
        }
        try (Watching watching = start(null, primary, standby)) {
            watching.awaitInstalled();
            primary.execute("INSERT INTO users VALUES (100)");
            watching.changes(1);
            primary.crash();
            standby.promote();
            standby.execute("INSERT INTO users VALUES (1)");
            awaitInserted(watching, IntStream.of(1));
        }
    }

    /** The old primary's numbers cover those of rows that nobody has read. */
    @Test
    void whatWasCommittedBeforeTheFailoverEmptiesNoTableAfterIt() throws Exception {
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
            standby = primary.standby(directory.resolve("standby"));
        }
        try (Watching watching = start(null, primary, standby)) {
            watching.awaitInstalled();
            primary.awaitReplayedBy(standby);
            standby.stopFollowing();
            for (int id = 100; id < 120; id++) {
                primary.execute("INSERT INTO users VALUES (" + id + ")");
            }
            watching.changes(20);
            primary.crash();
            standby.promote();
            standby.execute("INSERT INTO users VALUES (1)", "INSERT INTO users VALUES (2)");
            await().until(() -> standby.text(
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%listen'")
                    .equals("1"));
            // Kafka has taken what the old primary had, and Connect commits it, while nobody asks for more.
            watching.commit();
            standby.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)", "INSERT INTO users VALUES (3)");
            await().during(Duration.ofSeconds(3))
                    .until(() -> standby.text("SELECT count(*) FROM ectowatch.\"shop.journal.0\"")
                            .equals("2"));
        }
    }

    @Test
    void aServerPutBackToABackupWhileTheTaskRunsLosesNothing() throws Exception {
        primary.execute("CREATE TABLE other ()");
        start(null, primary).close();
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
            backUp();
            await().until(() -> {
                watching.poll();
                return watching.source().settled();
            });
            for (int id = 100; id < 200; id++) {
                primary.execute("INSERT INTO users VALUES (" + id + ")");
            }
            watching.changes(100);
            watching.forget();
            putBack();
            primary.execute("INSERT INTO users VALUES (1)");
            awaitInserted(watching, IntStream.of(1));
        }
    }

    @Test
    void aServerPutBackToABackupWhileNoTaskRanIsNoticedByItsNumbers() throws Exception {
        Map<String, ?> offset;
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
        }
        backUp();
        try (Watching watching = start(null, primary)) {
            watching.awaitInstalled();
            for (int id = 100; id < 200; id++) {
                primary.execute("INSERT INTO users VALUES (" + id + ")");
            }
            watching.changes(100);
            offset = watching.lastOffset();
        }
        putBack();
        primary.execute("INSERT INTO users VALUES (1)");
        try (Watching watching = start(offset, primary)) {
            awaitInserted(watching, IntStream.of(1));
            // Changes were published that do not exist in this database.
            assertThat(watching.changes(all -> true)).anyMatch(change -> change.event() == Event.RESYNC);
            offset = watching.lastOffset();
        }
        // And once noticed it stays so, when the numbers have come to where they were.
        for (int id = 200; id < 300; id++) {
            primary.execute("INSERT INTO users VALUES (" + id + ")");
        }
        try (Watching watching = start(offset, primary)) {
            awaitInserted(watching, IntStream.range(200, 300));
        }
    }

    private void backUp() throws Exception {
        primary.crash();
        primary.copyTo(directory.resolve("backup"));
        primary.start();
    }

    private void putBack() throws Exception {
        primary.crash();
        primary.restoreFrom(directory.resolve("backup"));
        primary.start();
    }

    private static Watching start(Map<String, ?> offset, OwnServer... servers) {
        List<String> hosts =
                Stream.of(servers).map(server -> "127.0.0.1:" + server.port()).toList();
        return Watching.begin(
                offset,
                // The driver remembers for so long, ten seconds by default, who was the primary.
                "connection.url=jdbc:postgresql://" + String.join(",", hosts)
                        + "/postgres?targetServerType=primary&hostRecheckSeconds=1",
                "connection.user=postgres",
                "tables=users",
                "delivery.mode=durable");
    }

    private static void awaitInserted(Watching watching, IntStream ids) {
        List<String> wanted =
                ids.mapToObj(id -> "public.users inserted [" + id + "]").toList();
        watching.changes(all -> watching.published().containsAll(wanted));
    }
}
