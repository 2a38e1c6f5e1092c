package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the triggers report of the statements that an application runs. */
class ChangesIT {

    private TestDatabase database;

    @BeforeEach
    void aShop() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, age int)",
                "CREATE TABLE seats (hall int, seat text, taken bool, PRIMARY KEY (seat, hall))");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void eachRowOfAStatementIsOneChange() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute(
                    "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
                    "UPDATE users SET email = 'c' WHERE id = 2",
                    "DELETE FROM users");

            watching.changes(5);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users updated [2]",
                            "public.users deleted [1]",
                            "public.users deleted [2]");
        }
    }

    @Test
    void aKeyOfSeveralColumnsComesInTheKeysOrder() throws Exception {
        try (Watching watching = Watching.start(database, "tables=seats")) {
            database.execute("INSERT INTO seats VALUES (3, 'B7', true)");

            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.seats inserted [B7, 3]");
        }
    }

    @Test
    void aChangedKeyIsADeletionAndAnInsertion() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a'), (2, 'b')");
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("UPDATE users SET id = id + 10");

            watching.changes(4);
            assertThat(watching.told())
                    .containsExactlyInAnyOrder(
                            "public.users deleted [1]",
                            "public.users deleted [2]",
                            "public.users inserted [11]",
                            "public.users inserted [12]");
        }
    }

    @Test
    void aChangedKeyIsReportedToThoseWhoWatchOnlyDeletions() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a'), (2, 'b')");
        try (Watching watching = Watching.start(database, "tables=users", "events=deleted")) {
            database.execute("UPDATE users SET email = 'z'", "UPDATE users SET id = 9 WHERE id = 2");

            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users deleted [2]");
        }
    }

    @Test
    void aStatementThatTouchesNoRowSaysNothing() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute(
                    "UPDATE users SET email = 'x'", "DELETE FROM users", "INSERT INTO users SELECT 1 WHERE false");
            database.execute("INSERT INTO users VALUES (1)");

            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [1]");
            assertThat(watching.changes(1).get(0).id()).endsWith(".1.0");
        }
    }

    @Test
    void onlyTheEventsAskedForAreReported() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "events=truncated,updated")) {
            database.execute(
                    "INSERT INTO users VALUES (1)",
                    "UPDATE users SET age = 3",
                    "DELETE FROM users",
                    "INSERT INTO users VALUES (2)",
                    "TRUNCATE users");

            watching.changes(2);
            assertThat(watching.told()).containsExactly("public.users updated [1]", "public.users truncated");
        }
    }

    @Test
    void upsertsMergesAndCopiesAreReportedAsWhatTheyDid() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 'a')");
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("INSERT INTO users VALUES (1, 'x'), (2, 'y') ON CONFLICT (id) DO UPDATE SET email = 'z'");
            watching.changes(2);
            assertThat(watching.told())
                    .containsExactlyInAnyOrder("public.users updated [1]", "public.users inserted [2]");

            watching.forget();
            if (TestDatabase.serverVersion() >= 15) {
                database.execute("""
                        MERGE INTO users u USING (VALUES (1), (2), (3)) AS s (id) ON u.id = s.id
                        WHEN MATCHED AND s.id = 1 THEN DELETE
                        WHEN MATCHED THEN UPDATE SET email = 'm'
                        WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)
                        """);
                watching.changes(3);
                assertThat(watching.told())
                        .containsExactlyInAnyOrder(
                                "public.users deleted [1]", "public.users updated [2]", "public.users inserted [3]");
            }
        }
    }

    @Test
    void cascadesAreReportedOnTheTablesTheyReach() throws Exception {
        database.execute(
                "CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users ON DELETE CASCADE)",
                "INSERT INTO users VALUES (1), (2)",
                "INSERT INTO posts VALUES (10, 1), (11, 1), (12, 2)");
        try (Watching watching = Watching.start(database, "tables=users, posts", "events=deleted")) {
            database.execute("DELETE FROM users WHERE id = 1");

            watching.changes(3);
            assertThat(watching.told())
                    .containsExactlyInAnyOrder(
                            "public.users deleted [1]", "public.posts deleted [10]", "public.posts deleted [11]");
        }
    }

    @Test
    void equalStatementsOfOneTransactionAreNotFoldedIntoOne() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users", "events=updated")) {
            database.execute(
                    "INSERT INTO users VALUES (1)",
                    "BEGIN; UPDATE users SET age = 1; UPDATE users SET age = 1; UPDATE users SET age = 1; COMMIT");

            List<Change> changes = watching.changes(3);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users updated [1]", "public.users updated [1]", "public.users updated [1]");
            assertThat(changes.stream().map(Change::id)).doesNotHaveDuplicates();
            assertThat(new HashSet<>(changes.stream().map(Change::transactionId).toList()))
                    .hasSize(1);
        }
    }

    @Test
    void whatIsRolledBackIsNotReported() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("""
                    BEGIN;
                    INSERT INTO users VALUES (1);
                    SAVEPOINT s;
                    INSERT INTO users VALUES (2);
                    ROLLBACK TO s;
                    INSERT INTO users VALUES (3);
                    COMMIT
                    """, "BEGIN; INSERT INTO users VALUES (4); ROLLBACK", "INSERT INTO users VALUES (5)");

            watching.changes(3);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [3]", "public.users inserted [5]");
        }
    }

    @Test
    void aLargeStatementTakesFewNotificationsAndLosesNothing() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users");
                Connection other = database.connect();
                Statement listener = other.createStatement()) {
            listener.execute("LISTEN \"ectowatch.shop\"");
            database.execute("INSERT INTO users SELECT g FROM generate_series(1, 100000) g");

            List<Change> changes = watching.changes(100_000);
            assertThat(changes.stream().map(change -> change.values()[0]).distinct())
                    .hasSize(100_000);
            assertThat(changes.stream().map(Change::id)).doesNotHaveDuplicates();
            assertThat(other.unwrap(org.postgresql.PGConnection.class).getNotifications(5000))
                    .hasSizeLessThan(120)
                    .allSatisfy(payload ->
                            assertThat(payload.getParameter().getBytes("UTF-8")).hasSizeLessThan(8000));
        }
    }

    @Test
    void extraColumnsComeAlongAndATooLargeRowLeavesThemOut() throws Exception {
        try (Watching watching = Watching.start(
                database,
                "watchers=contact",
                "watchers.contact.table=users",
                "watchers.contact.extra.columns=email,age")) {
            database.execute(
                    "INSERT INTO users VALUES (1, 'ä\"\\', 30)",
                    "INSERT INTO users VALUES (2, repeat('ä', 5000), 31), (3, NULL, NULL)",
                    "UPDATE users SET age = 32, email = repeat('b', 7900) WHERE id = 1");

            List<Change> changes = watching.changes(4);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [1, ä\"\\, 30]",
                            "public.users inserted [2]",
                            "public.users inserted [3, null, null]",
                            "public.users updated [1]");
            assertThat(changes.stream().map(Change::extrasLeftOut)).containsExactly(false, true, false, true);
        }
    }

    @Test
    void aKeyThatFitsIntoNoNotificationIsAnnouncedAsAGapAndTheStatementSucceeds() throws Exception {
        database.execute("CREATE TABLE pages (path text PRIMARY KEY)");
        try (Watching watching = Watching.start(database, "tables=pages")) {
            database.execute("INSERT INTO pages VALUES ('short'), (repeat('x', 100000)), ('other')");

            watching.changes(3);
            assertThat(watching.told())
                    .containsExactlyInAnyOrder(
                            "public.pages inserted [short]", "public.pages inserted [other]", "public.pages resync");
        }
    }

    @Test
    void partitionedTablesReportRootAndLeafStatementsAndLaterPartitions() throws Exception {
        database.execute(
                "CREATE TABLE logs (id int, day int, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20)");
        try (Watching watching = Watching.start(database, "tables=logs")) {
            database.execute(
                    "INSERT INTO logs VALUES (1, 1), (2, 11)",
                    "UPDATE logs_1 SET note = 'x'",
                    "UPDATE logs SET day = 12 WHERE id = 1",
                    "CREATE TABLE logs_3 PARTITION OF logs FOR VALUES FROM (20) TO (30)",
                    "INSERT INTO logs_3 VALUES (3, 21)",
                    "DELETE FROM logs WHERE id = 2");

            watching.changes(7);
            assertThat(watching.told())
                    .containsExactly(
                            "public.logs inserted [1, 1]",
                            "public.logs inserted [2, 11]",
                            "public.logs updated [1, 1]",
                            "public.logs deleted [1, 1]",
                            "public.logs inserted [1, 12]",
                            "public.logs inserted [3, 21]",
                            "public.logs deleted [2, 11]");
        }
    }
}
