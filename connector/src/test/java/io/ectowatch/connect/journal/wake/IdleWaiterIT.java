package io.ectowatch.connect.journal.wake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** When the task sleeps, and what wakes it. */
class IdleWaiterIT {

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    /** A task that is not woken gets up by itself a second after the last change. */
    private static final Duration BY_ITSELF = Duration.ofMillis(500);

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void aTaskThatIsWokenForSingleChangesSleepsAgain() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            awaitSleep(watching);
            int changes = 40;
            long numbers = transactionNumbers();
            long begun = System.nanoTime();
            for (int id = 1; id <= changes; id++) {
                Thread.sleep(25); // that is the pace
                // Else the task would have to ask for a flush, which takes a number as well.
                database.execute("SET synchronous_commit = on", "INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
            }
            assertThat(watching.published()).containsExactlyElementsOf(inserted(changes));
            // To arm the bell takes a number, and so does disarming it: for other things it gets up once a second.
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds() + 1;
            assertThat(transactionNumbers() - numbers).isBetween((long) changes, changes * 3 / 2 + 4 * seconds);
        }
    }

    /** Commits that notify wait for each other: there must be none that overlap. */
    @Test
    void aTaskIsWokenWhileOtherTransactionsAreOpen() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.begin("INSERT INTO users VALUES (1000)");
            awaitSleep(watching);
            int changes = 10;
            List<Duration> delays = new ArrayList<>();
            for (int id = 1; id <= changes; id++) {
                long numbers = transactionNumbers();
                database.execute("SET synchronous_commit = on", "INSERT INTO users VALUES (" + id + ")");
                long committed = System.nanoTime();
                watching.changes(id);
                delays.add(Duration.ofNanos(System.nanoTime() - committed));
                // The change's own, and those by which it gets up and goes to sleep again.
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> {
                            watching.poll();
                            return transactionNumbers() - numbers >= 3;
                        });
            }
            assertThat(watching.published()).containsExactlyElementsOf(inserted(changes));
            assertThat(median(delays)).as("%s", delays).isLessThan(BY_ITSELF);
        }
    }

    @Test
    void aTaskStopsSleepingWhileManyChangesArrive() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users");
                Connection ear = database.connect();
                Statement listening = ear.createStatement()) {
            listening.execute("LISTEN \"" + NAMES.channel() + "\"");
            awaitSleep(watching);
            int changes = 2_000;
            database.execute("""
                    DO $$ BEGIN
                      FOR i IN 1..%d LOOP
                        INSERT INTO users VALUES (i);
                        COMMIT;
                      END LOOP;
                    END $$""".formatted(changes));
            watching.changes(changes);
            assertThat(watching.published()).containsExactlyElementsOf(inserted(changes));
            int rings = 0;
            for (PGNotification[] some = heard(ear); some.length > 0; some = heard(ear)) {
                rings += some.length;
            }
            assertThat(rings).isBetween(1, changes / 2);
        }
    }

    @Test
    void severalPagesThatArriveWhileATaskSleepsAreAllRead() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            int rounds = 6;
            int changes = 4_500;
            List<Duration> delays = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                awaitSleep(watching);
                watching.forget();
                long begun = System.nanoTime();
                database.execute("DO $$ BEGIN FOR i IN 1.." + changes + " LOOP INSERT INTO users VALUES ("
                        + round * changes + " + i); END LOOP; END $$");
                long committed = System.nanoTime();
                watching.changes(changes);
                // However slow the machine, reading them takes no longer than writing them.
                delays.add(Duration.ofNanos(System.nanoTime() - committed - (committed - begun)));
                assertThat(watching.published())
                        .startsWith("public.users inserted [" + (round * changes + 1) + "]")
                        .endsWith("public.users inserted [" + (round + 1) * changes + "]");
            }
            assertThat(median(delays)).as("%s", delays).isLessThan(BY_ITSELF);
        }
    }

    private void awaitSleep(Watching watching) {
        await().until(() -> {
            watching.poll();
            return isAsleep();
        });
    }

    private static Duration median(List<Duration> delays) {
        return delays.stream().sorted().toList().get(delays.size() / 2);
    }

    private boolean isAsleep() throws Exception {
        return (database.number("SELECT last_value FROM ectowatch.\"shop.ring\"") & RingBits.ASLEEP) != 0;
    }

    private long transactionNumbers() throws Exception {
        return database.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8");
    }

    private static PGNotification[] heard(Connection ear) throws Exception {
        PGNotification[] some = ear.unwrap(PGConnection.class).getNotifications(200);
        return some == null ? new PGNotification[0] : some;
    }

    private static List<String> inserted(int changes) {
        return IntStream.rangeClosed(1, changes)
                .mapToObj(id -> "public.users inserted [" + id + "]")
                .toList();
    }
}
