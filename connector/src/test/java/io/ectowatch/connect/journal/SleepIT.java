package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** When the task sleeps, and what wakes it. */
class SleepIT {

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5);

    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database = TestDatabase.create();
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aTaskThatIsWokenNowAndThenSleepsOn() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            awaitSleep(watching);
            int changes = 30;
            int asleep = 0;
            for (int id = 1; id <= changes; id++) {
                Thread.sleep(25); // that is the pace
                database.execute("INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
                asleep += isAsleep() ? 1 : 0;
            }
            assertThat(watching.told()).containsExactlyElementsOf(inserted(changes));
            // It gets up once a second, for other things.
            assertThat(asleep).isGreaterThan(changes / 2);
        }
    }

    @Test
    void aTaskThatManyChangesComeToGetsUpAndIsRungForNoMore() throws Exception {
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
            assertThat(watching.told()).containsExactlyElementsOf(inserted(changes));
            int rings = 0;
            for (PGNotification[] some = heard(ear); some.length > 0; some = heard(ear)) {
                rings += some.length;
            }
            assertThat(rings).isBetween(1, changes / 2);
        }
    }

    @Test
    void moreThanOnePageThatComesInItsSleepIsReadToTheEnd() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            awaitSleep(watching);
            int changes = 4_500;
            long begun = System.nanoTime();
            database.execute(
                    "DO $$ BEGIN FOR i IN 1.." + changes + " LOOP INSERT INTO users VALUES (i); END LOOP; END $$");
            long committed = System.nanoTime();
            watching.changes(changes);
            assertThat(watching.told()).containsExactlyElementsOf(inserted(changes));
            // By itself it would get up, too.
            assertThat(Duration.ofNanos(System.nanoTime() - committed))
                    .isLessThan(LONGEST_SLEEP.plusNanos(committed - begun));
        }
    }

    private void awaitSleep(Watching watching) {
        await().until(() -> {
            watching.poll();
            return isAsleep();
        });
    }

    private boolean isAsleep() throws Exception {
        return (database.number("SELECT last_value FROM ectowatch.\"shop.ring\"") & Doorbell.ARMED) != 0;
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
