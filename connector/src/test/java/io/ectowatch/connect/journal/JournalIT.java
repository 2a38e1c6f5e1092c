package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The traps of reading a journal that many transactions write at once, each on a real server. */
class JournalIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5);

    private TestDatabase database;
    private final List<Connection> sessions = new ArrayList<>();

    @BeforeEach
    void aTable() throws Exception {
        database = TestDatabase.create();
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE other (id int PRIMARY KEY)");
    }

    @AfterEach
    void close() throws Exception {
        for (Connection session : sessions) {
            session.close();
        }
        database.close();
    }

    @Test
    void whatHappensWhileNoTaskRunsIsReadByTheNextOne() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1), (2)", "DELETE FROM users WHERE id = 1");
        try (Watching watching = Watching.start(database, DURABLE)) {
            watching.changes(3);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [2]", "public.users deleted [1]");
        }
    }

    @Test
    void aChangeWithALowNumberThatIsCommittedLastIsNotMissed() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement early = session("INSERT INTO users VALUES (1)");
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [2]");

            early.execute("COMMIT");
            watching.changes(2);
            assertThat(watching.told()).endsWith("public.users inserted [1]");
        }
    }

    @Test
    void aLaterTransactionWithAnEarlierNumberIsNotMissed() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement first = session("INSERT INTO other VALUES (1)"); // draws the lower transaction number
            Statement second = session("INSERT INTO users VALUES (2)"); // and this one the lower journal number
            first.execute("INSERT INTO users VALUES (1)");
            first.execute("COMMIT");
            watching.changes(1);
            second.execute("COMMIT");

            watching.changes(2);
            assertThat(watching.told()).containsExactly("public.users inserted [1]", "public.users inserted [2]");
        }
    }

    /** Reading below the oldest open transaction, in the order of their numbers, would tell the second change first. */
    @Test
    void twoChangesOfOneKeyKeepTheirOrderWhateverTheNumbersOfTheirTransactions() throws Exception {
        database.execute("INSERT INTO users VALUES (7, 0)");
        try (Watching watching = Watching.start(
                database,
                "delivery.mode=durable",
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.extra.columns=n")) {
            Statement low = session("INSERT INTO other VALUES (1)");
            Statement open = session("INSERT INTO other VALUES (2)");
            database.execute("UPDATE users SET n = 1 WHERE id = 7");
            low.execute("UPDATE users SET n = 2 WHERE id = 7");
            low.execute("COMMIT");

            watching.changes(2);
            assertThat(watching.told()).containsExactly("public.users updated [7, 1]", "public.users updated [7, 2]");
            open.execute("COMMIT");
        }
    }

    @Test
    void aTransactionThatStaysOpenHoldsNobodyUp() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement open = session("INSERT INTO users VALUES (1000)");
            for (int id = 1; id <= 50; id++) {
                database.execute("INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
            }
            open.execute("COMMIT");
            watching.changes(51);
            assertThat(watching.told()).endsWith("public.users inserted [1000]");
        }
    }

    @Test
    void writersThatSeeAnOldSnapshotAreReadLikeAnyOther() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            for (String level : List.of("REPEATABLE READ", "SERIALIZABLE")) {
                Statement writer = session("SET TRANSACTION ISOLATION LEVEL " + level);
                writer.execute("SELECT * FROM other");
                database.execute("INSERT INTO users VALUES (1)", "DELETE FROM users");
                watching.changes(2);
                writer.execute("INSERT INTO users VALUES (2)");
                writer.execute("COMMIT");
                watching.changes(3);
                assertThat(watching.told()).endsWith("public.users inserted [2]");
                watching.forget();
                database.execute("DELETE FROM users");
                watching.changes(1);
                watching.forget();
            }
        }
    }

    @Test
    void aPreparedTransactionIsReadWhenItIsCommittedAfterTheRingHasTurned() throws Exception {
        String[] settings = {"tables=users", "delivery.mode=durable", "doorbell=off"};
        try (Watching watching = Watching.start(database, settings)) {
            Statement writer = session("INSERT INTO users VALUES (1)");
            writer.execute("PREPARE TRANSACTION 'p'");
            for (int turn = 0; turn < 2; turn++) {
                database.execute(
                        "INSERT INTO users SELECT g FROM generate_series(" + (turn * 100_000 + 10) + ", "
                                + (turn * 100_000 + 100_009) + ") g",
                        "DELETE FROM users WHERE id >= 10");
                watching.changes((turn + 1) * 200_000);
                watching.commit();
            }
            watching.forget();
            database.execute("COMMIT PREPARED 'p'");
            watching.changes(1);
            assertThat(watching.told()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void everyOffsetWithinACutCanBeResumedExactly() throws Exception {
        Watching.start(database, DURABLE).close();
        Statement late = session("INSERT INTO users VALUES (1000), (1001)");
        database.execute(
                "INSERT INTO users SELECT g FROM generate_series(1, 5) g",
                // Deletions, updates and insertions in one statement.
                "UPDATE users SET id = CASE WHEN id <= 2 THEN -id ELSE id END",
                "DELETE FROM users WHERE id = 4");
        List<String> all;
        try (Watching watching = Watching.start(database, DURABLE)) {
            watching.changes(13);
            late.execute("COMMIT");
            all = watching.changes(15).stream().map(Change::id).toList();
        }
        assertThat(all).doesNotHaveDuplicates();

        Map<String, ?> offset = null;
        List<String> piecewise = new ArrayList<>();
        while (piecewise.size() < all.size()) {
            try (Watching one =
                    offset == null ? Watching.start(database, DURABLE) : Watching.resume(database, offset, DURABLE)) {
                piecewise.add(one.takeOne().id());
                offset = one.lastOffset();
            }
        }
        // One by one the order is another, since the late transaction is in the same cut now; the set is the same.
        assertThat(piecewise).containsExactlyInAnyOrderElementsOf(all);
        try (Watching rest = Watching.resume(database, offset, DURABLE)) {
            database.execute("INSERT INTO users VALUES (5000)");
            rest.changes(1);
            assertThat(rest.told()).containsExactly("public.users inserted [5000]");
        }
    }

    @Test
    void aTableOfTheJournalIsEmptiedOnceConnectHasCommittedAndNotBefore() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            for (int i = 0; i < 3; i++) {
                database.execute("INSERT INTO users SELECT g FROM generate_series(1, 200000) g", "TRUNCATE users");
            }
            watching.changes(600_000);
            // Nothing is committed: all of it is still there, for a task that would have to begin anew.
            assertThat(number("SELECT sum(length(body) - length(replace(body, '[', ''))) FROM (" + journal() + ") j"))
                    .isEqualTo(600_000);

            watching.forget();
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                // The ring turns when there is something to write, and Connect commits as it goes.
                database.execute("INSERT INTO users SELECT g FROM generate_series(1, 50000) g", "TRUNCATE users");
                watching.changes(50_000);
                watching.forget();
                watching.commit();
                return number("SELECT count(*) FROM (" + journal() + ") j WHERE body LIKE '%[199999]%'") == 0;
            });
        }
    }

    @Test
    void aJournalTableThatSomebodyDroppedFailsNoStatementAndIsAnnouncedAndMadeAnew() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("DROP TABLE ectowatch.\"shop.journal.0\"", "INSERT INTO users VALUES (1)");
            watching.awaitResync();
            watching.awaitInstalled();
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
            assertThat(watching.told()).contains("public.users inserted [2]");
        }
    }

    @Test
    void aJournalThatNobodyReadsSuspendsItselfAndTheNextTaskTellsTheConsumers() throws Exception {
        String[] settings = {"tables=users", "delivery.mode=durable", "journal.max.bytes=1048576"};
        Watching.start(database, settings).close();
        long writtenAtLast = 0;
        for (int i = 0; i < 100; i++) {
            database.execute("INSERT INTO users SELECT g FROM generate_series(1, 100) g", "TRUNCATE users");
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("DO $$ BEGIN FOR i IN 1..1000 LOOP INSERT INTO users VALUES (i); END LOOP; END $$");
                statement.execute("TRUNCATE users");
            }
            long size = number(
                    "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relname LIKE 'shop.journal._'");
            if (size == writtenAtLast) {
                break;
            }
            writtenAtLast = size;
        }
        assertThat(writtenAtLast).isLessThan(4 * 1_048_576);

        try (Watching watching = Watching.start(database, settings)) {
            watching.awaitResync();
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                watching.poll();
                watching.commit();
                return number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"") != 3;
            });
            watching.awaitResync();
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.INSERTED));
            assertThat(watching.told()).contains("public.users inserted [1]");
        }
    }

    @Test
    void aSleepingTaskIsWokenAndADeadOneIsNotRungFor() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            long asleep = 0;
            for (int id = 1; id <= 20; id++) {
                await().atMost(Duration.ofSeconds(60)).until(() -> {
                    watching.poll();
                    return number("SELECT last_value & 4 FROM ectowatch.\"shop.ring\"") == 4;
                });
                long written = System.nanoTime();
                database.execute("INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
                asleep += System.nanoTime() - written;
            }
            // By itself it wakes, too.
            assertThat(Duration.ofNanos(asleep)).isLessThan(LONGEST_SLEEP.multipliedBy(20 / 4));
        }
        try (Connection listener = database.connect();
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN \"ectowatch.shop\"");
            database.execute("INSERT INTO users VALUES (21)");
            assertThat(listener.unwrap(org.postgresql.PGConnection.class).getNotifications(200))
                    .isNullOrEmpty();
        }
    }

    @Test
    void aRoleThatOwnsNothingElseNeedsNoMoreThanForNotifications() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        String[] settings = {"tables=users", "delivery.mode=durable", "connection.user=" + role};
        Watching.start(database, settings).close();
        database.execute("INSERT INTO users VALUES (1), (2)", "DELETE FROM users WHERE id = 1");
        try (Watching watching = Watching.start(database, settings)) {
            watching.changes(3);
            watching.commit();
            assertThat(watching.told()).endsWith("public.users deleted [1]");
        }
    }

    /** After a failover or a restore, transaction numbers mean something else: rather twice than not at all. */
    @ParameterizedTest
    @ValueSource(strings = {"/00000000", "another system/00000001"})
    void anOffsetOfAnotherHistoryIsNotTrustedAndWhatTheJournalHasIsDeliveredAgain(String other) throws Exception {
        Map<String, Object> offset;
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (1), (2)");
            watching.changes(2);
            offset = new HashMap<>(watching.lastOffset());
        }
        String system = offset.get("history").toString().split("/")[0];
        offset.put("history", other.startsWith("/") ? system + other : other);
        try (Watching watching = Watching.resume(database, offset, DURABLE)) {
            database.execute("INSERT INTO users VALUES (3)");
            watching.changes(4);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users resync",
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]");
        }
    }

    @Test
    void aJournalWhoseOwnerHasNotBeenSeenForTooLongSuspendsItself() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute(
                "SELECT setval('ectowatch.\"shop.lease\"', 1)",
                "DO $$ BEGIN FOR i IN 1..5000 LOOP INSERT INTO users VALUES (i); END LOOP; END $$");
        assertThat(number("SELECT last_value FROM ectowatch.\"shop.ring\"")).isEqualTo(3);
        long suspended = number("SELECT count(*) FROM (" + journal() + ") j");
        database.execute("DELETE FROM users");
        assertThat(number("SELECT count(*) FROM (" + journal() + ") j")).isEqualTo(suspended);

        try (Watching watching = Watching.start(database, DURABLE)) {
            watching.awaitResync();
        }
    }

    @Test
    void movingBetweenTheDeliveriesLeavesNoTriggerAndLosesNothingThatTheJournalHas() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1)");
        try (Watching notified = Watching.start(database, "tables=users", "delivery.mode=notify")) {
            notified.awaitResync();
            database.execute("INSERT INTO users VALUES (2)");
            notified.changes(1);
            assertThat(notified.told()).containsExactly("public.users inserted [2]");
        }
        try (Watching durable = Watching.start(database, DURABLE)) {
            database.execute("INSERT INTO users VALUES (3)");
            durable.changes(all -> Watching.tell(all.get(all.size() - 1)).endsWith("[3]"));
            // What was told by notifications while nobody listened is lost.
            assertThat(durable.told())
                    .startsWith("public.users inserted [1]")
                    .contains("public.users resync")
                    .doesNotContain("public.users inserted [2]");
        }
        assertThat(number("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"))
                .isEqualTo(3);
    }

    /** Other tables' transactions leave nothing in the journal, and so nothing in the offset but what is open. */
    @Test
    void manyTransactionsOfOtherTablesCostAnOffsetNothing() throws Exception {
        Map<String, ?> offset;
        Statement open;
        try (Watching watching = Watching.start(database, DURABLE)) {
            open = session("INSERT INTO users VALUES (1)");
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(1);
            offset = watching.lastOffset();
        }
        String others = "DO $$ BEGIN FOR i IN 1..3000 LOOP INSERT INTO other VALUES (i); DELETE FROM other; COMMIT;"
                + " END LOOP; END $$";
        database.execute(others);
        open.execute("COMMIT");
        try (Watching watching = Watching.resume(database, offset, DURABLE)) {
            watching.changes(1);
            database.execute(others, "INSERT INTO users VALUES (3)");
            watching.changes(2);
            assertThat(watching.told()).containsExactly("public.users inserted [1]", "public.users inserted [3]");
            assertThat(watching.lastOffset().toString()).hasSizeLessThan(300);
        }
    }

    /** As after a dump without data, of which sequences have nothing but their definition. */
    @Test
    void aJournalWhoseSequencesHaveNeverBeenSetIsWrittenTo() throws Exception {
        Watching.start(database, DURABLE).close();
        database.awaitNoTask();
        database.execute(
                "ALTER SEQUENCE ectowatch.\"shop.ring\" RESTART",
                "ALTER SEQUENCE ectowatch.\"shop.lease\" RESTART",
                "ALTER SEQUENCE ectowatch.\"shop.lost\" RESTART",
                "TRUNCATE ectowatch.\"shop.layouts\", ectowatch.\"shop.owner\"",
                "INSERT INTO users VALUES (1)");
        try (Watching watching = Watching.start(database, "tables=users", "doorbell=off")) {
            database.execute("INSERT INTO users VALUES (2)", "INSERT INTO users VALUES (3), (4)");
            watching.changes(4);
            assertThat(watching.told())
                    .containsExactly(
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]",
                            "public.users inserted [4]");
        }
    }

    private static String journal() {
        return "SELECT * FROM ectowatch.\"shop.journal.0\" UNION ALL SELECT * FROM ectowatch.\"shop.journal.1\" UNION ALL"
                + " SELECT * FROM ectowatch.\"shop.journal.2\"";
    }

    /** A session with a transaction open, after that statement. */
    private Statement session(String first) throws SQLException {
        Connection connection = database.connect();
        sessions.add(connection);
        Statement statement = connection.createStatement();
        statement.execute("BEGIN");
        statement.execute(first);
        return statement;
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
