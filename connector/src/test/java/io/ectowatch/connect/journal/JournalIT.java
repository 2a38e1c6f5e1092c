package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The traps of reading a journal that many transactions write at once, each on a real server. */
class JournalIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE other (id int PRIMARY KEY)");
    }

    @Test
    void whatHappensWhileNoTaskRunsIsReadByTheNextOne() throws Exception {
        Watching.start(database, DURABLE).close();
        database.execute("INSERT INTO users VALUES (1), (2)", "DELETE FROM users WHERE id = 1");
        try (Watching watching = Watching.start(database, DURABLE)) {
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [2]", "public.users deleted [1]");
        }
    }

    @Test
    void aChangeWithALowNumberThatIsCommittedLastIsNotMissed() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement early = database.begin("INSERT INTO users VALUES (1)");
            database.execute("INSERT INTO users VALUES (2)");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [2]");

            early.execute("COMMIT");
            watching.changes(2);
            assertThat(watching.published()).endsWith("public.users inserted [1]");
        }
    }

    @Test
    void aLaterTransactionWithAnEarlierNumberIsNotMissed() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement first = database.begin("INSERT INTO other VALUES (1)"); // draws the lower transaction number
            Statement second = database.begin("INSERT INTO users VALUES (2)"); // and this one the lower journal number
            first.execute("INSERT INTO users VALUES (1)");
            first.execute("COMMIT");
            watching.changes(1);
            second.execute("COMMIT");

            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.users inserted [1]", "public.users inserted [2]");
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
            Statement low = database.begin("INSERT INTO other VALUES (1)");
            Statement open = database.begin("INSERT INTO other VALUES (2)");
            database.execute("UPDATE users SET n = 1 WHERE id = 7");
            low.execute("UPDATE users SET n = 2 WHERE id = 7");
            low.execute("COMMIT");

            watching.changes(2);
            assertThat(watching.published())
                    .containsExactly("public.users updated [7, 1]", "public.users updated [7, 2]");
            open.execute("COMMIT");
        }
    }

    @Test
    void aTransactionThatStaysOpenHoldsNobodyUp() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement open = database.begin("INSERT INTO users VALUES (1000)");
            for (int id = 1; id <= 50; id++) {
                database.execute("INSERT INTO users VALUES (" + id + ")");
                watching.changes(id);
            }
            open.execute("COMMIT");
            watching.changes(51);
            assertThat(watching.published()).endsWith("public.users inserted [1000]");
        }
    }

    @Test
    void writersThatSeeAnOldSnapshotAreReadLikeAnyOther() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            for (String level : List.of("REPEATABLE READ", "SERIALIZABLE")) {
                Statement writer = database.begin("SET TRANSACTION ISOLATION LEVEL " + level);
                writer.execute("SELECT * FROM other");
                database.execute("INSERT INTO users VALUES (1)", "DELETE FROM users");
                watching.changes(2);
                writer.execute("INSERT INTO users VALUES (2)");
                writer.execute("COMMIT");
                watching.changes(3);
                assertThat(watching.published()).endsWith("public.users inserted [2]");
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
            Statement writer = database.begin("INSERT INTO users VALUES (1)");
            writer.execute("PREPARE TRANSACTION 'p'");
            for (int turn = 0; turn < 2; turn++) {
                database.execute(
                        "INSERT INTO users SELECT 2 * g FROM generate_series(" + (turn * 100_000 + 10) + ", "
                                + (turn * 100_000 + 100_009) + ") g",
                        "DELETE FROM users WHERE id >= 10");
                watching.changes((turn + 1) * 200_000);
                watching.commit();
            }
            watching.forget();
            database.execute("COMMIT PREPARED 'p'");
            watching.changes(1);
            assertThat(watching.published()).containsExactly("public.users inserted [1]");
        }
    }

    @Test
    void everyOffsetWithinACutCanBeResumedExactly() throws Exception {
        Watching.start(database, DURABLE).close();
        Statement late = database.begin("INSERT INTO users VALUES (1000), (1001)");
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
            assertThat(rest.published()).containsExactly("public.users inserted [5000]");
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
            assertThat(watching.published())
                    .containsExactly(
                            "public.users resync",
                            "public.users inserted [1]",
                            "public.users inserted [2]",
                            "public.users inserted [3]");
        }
    }

    /** Other tables' transactions leave nothing in the journal, and so nothing in the offset but what is open. */
    @Test
    void manyTransactionsOfOtherTablesCostAnOffsetNothing() throws Exception {
        Map<String, ?> offset;
        Statement open;
        try (Watching watching = Watching.start(database, DURABLE)) {
            open = database.begin("INSERT INTO users VALUES (1)");
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
            assertThat(watching.published()).containsExactly("public.users inserted [1]", "public.users inserted [3]");
            assertThat(watching.lastOffset().toString()).hasSizeLessThan(300);
        }
    }
}
