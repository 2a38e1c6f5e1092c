package io.ectowatch.connect.journal.wake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task without a doorbell asks the server to wait for it, and asks seldom. */
class WalWaitIT {

    private static final String WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8";

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @Test
    void whereNothingIsWrittenItEndsWithTheSamePosition() throws Exception {
        try (Connection connection = database.connect()) {
            WalWait wait = new WalWait(connection);
            await().until(
                            () -> { // the server writes now and then by itself
                                long before = database.number(WRITTEN);
                                return wait.beyond(before, 10) == before;
                            });
        }
    }

    @Test
    void aCommitOfAnotherSessionEndsItWithALaterPosition() throws Exception {
        try (Connection connection = database.connect()) {
            WalWait wait = new WalWait(connection);
            long before = database.number(WRITTEN);
            database.execute("INSERT INTO users VALUES (1)");
            assertThat(wait.beyond(before, 10)).isGreaterThan(before);
        }
    }

    /** Or those who drop the journal, lock it or attach a partition would wait for it. */
    @Test
    void itLocksNoTable() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "doorbell=off")) {
            await().until(() -> {
                watching.poll();
                return database.number("SELECT count(*) FROM pg_stat_activity AS a WHERE datname = current_database()"
                                + " AND a.wait_event = 'PgSleep' AND application_name LIKE 'ectowatch %' AND NOT EXISTS"
                                + " (SELECT FROM pg_locks AS l WHERE l.pid = a.pid AND l.locktype = 'relation')")
                        == 1;
            });
        }
    }

    @Test
    void aTaskWithoutADoorbellRunsFewStatementsAsSoonAsNothingComes() throws Exception {
        String transactions = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        try (Watching watching = Watching.start(database, "tables=users", "doorbell=off")) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            pollFor(watching, Duration.ofSeconds(1)); // sessions report what they have done each second
            long begun = System.nanoTime();
            long before = database.number(transactions);
            pollFor(watching, Duration.ofSeconds(3));
            long after = database.number(transactions);
            double seconds = (System.nanoTime() - begun) / 1e9; // more than three where the machine is slow
            assertThat((after - before) / seconds).isLessThan(40);
        }
    }

    /** Some servers revoke it from PUBLIC. */
    @Test
    void aTaskThatMayNotWaitOnTheServerPausesInstead() throws Exception {
        String role = database.role("connector");
        database.execute(
                "REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC",
                "CREATE SCHEMA ectowatch AUTHORIZATION " + role,
                "GRANT TRIGGER ON users TO " + role);
        try (Watching watching = Watching.start(database, "tables=users", "doorbell=off", "connection.user=" + role)) {
            for (int id = 1; id <= 5; id++) {
                pollFor(watching, Duration.ofMillis(50));
                database.execute("INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
            }
            assertThat(watching.metrics().connects()).isEqualTo(1);
        }
    }

    private static void pollFor(Watching watching, Duration length) throws Exception {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < length.toNanos()) {
            watching.poll();
        }
    }
}
