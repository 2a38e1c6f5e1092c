package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions of every kind: each is read once, when it is committed. */
class TransactionsIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5);

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE other (id int)");
    }

    @Test
    void whatIsRolledBackToASavepointIsNotPublished() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement writer = database.begin("INSERT INTO users VALUES (1)");
            writer.execute("SAVEPOINT a; INSERT INTO users VALUES (2); SAVEPOINT b; INSERT INTO users VALUES (3)");
            writer.execute("ROLLBACK TO b; INSERT INTO users VALUES (4); ROLLBACK TO a");
            writer.execute("SAVEPOINT c; INSERT INTO users VALUES (5); RELEASE c; COMMIT");

            PublishedChanges.exactly(database, watching, "public.users inserted [1]", "public.users inserted [5]");
        }
    }

    @Test
    void aBlockThatCatchesAnErrorTellsWhatItKept() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("""
                    DO $$ BEGIN
                      INSERT INTO users VALUES (1);
                      BEGIN INSERT INTO users VALUES (2); RAISE 'no'; EXCEPTION WHEN others THEN NULL; END;
                      BEGIN INSERT INTO users VALUES (3); EXCEPTION WHEN others THEN NULL; END;
                    END $$""");
            PublishedChanges.exactly(database, watching, "public.users inserted [1]", "public.users inserted [3]");
        }
    }

    /** Beyond 64, a transaction's subtransactions are not in the server's memory any more. */
    @Test
    void aTransactionOfManySubtransactionsIsOneTransaction() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement writer = database.begin("INSERT INTO users VALUES (0)");
            for (int i = 1; i <= 100; i++) {
                writer.execute("SAVEPOINT s" + i + "; INSERT INTO users VALUES (" + i + ")");
            }
            database.execute("INSERT INTO users VALUES (1000)");
            watching.changes(1);
            writer.execute("COMMIT");
            watching.changes(102);
            assertThat(watching.published()).doesNotHaveDuplicates().startsWith("public.users inserted [1000]");
            assertThat(watching.changes(102).stream()
                            .skip(1)
                            .map(Change::transactionId)
                            .distinct())
                    .hasSize(1);
        }
    }

    @Test
    void oneKeySwappedByThreeTransactionsEndsAsItIsInTheTable() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 0), (2, 0)");
        try (Watching watching = Watching.start(
                database,
                "delivery.mode=durable",
                "watchers=w",
                "watchers.w.table=users",
                "watchers.w.extra.columns=n")) {
            // The one with the lowest number is the last to change the key, and the one with the highest the first.
            Statement first = database.begin("INSERT INTO other VALUES (1)");
            Statement second = database.begin("INSERT INTO other VALUES (2)");
            Statement third = database.begin("UPDATE users SET n = 3 WHERE id = 1");
            third.execute("COMMIT");
            second.execute("UPDATE users SET n = CASE id WHEN 1 THEN 20 ELSE 21 END");
            watching.changes(1);
            second.execute("COMMIT");
            first.execute("UPDATE users SET n = 1 WHERE id = 1");
            first.execute("COMMIT");
            watching.changes(4);
            assertThat(watching.published())
                    .containsSubsequence(
                            "public.users updated [1, 3]",
                            "public.users updated [1, 20]",
                            "public.users updated [1, 1]");
        }
    }

    @Test
    void equalChangesOfOneTransactionAreAllPublished() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 0)");
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement writer = database.begin("UPDATE users SET n = 1");
            writer.execute("UPDATE users SET n = 1; UPDATE users SET n = 1; COMMIT");
            watching.changes(3);
            assertThat(watching.published())
                    .containsOnly("public.users updated [1]")
                    .hasSize(3);
            assertThat(watching.changes(3).stream().map(Change::id)).doesNotHaveDuplicates();
        }
    }

    /** It has read the state of the bell before it was armed: a sleeping task must not rely on its NOTIFY. */
    @Test
    void aWriterThatStopsBetweenItsTriggerAndItsCommitIsNotForgottenByASleeper() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE);
                Connection handOnTheBell = database.connect();
                Statement bell = handOnTheBell.createStatement()) {
            int rounds = 4;
            long asleep = 0;
            for (int id = 1; id <= rounds; id++) {
                bell.execute("SELECT pg_advisory_lock(" + NAMES.bellKey() + ")");
                Statement writer = database.begin("INSERT INTO users VALUES (" + id + ")");
                bell.execute("SELECT pg_advisory_unlock(" + NAMES.bellKey() + ")");
                awaitRing(watching, RingBits.ASLEEP);
                long committed = System.nanoTime();
                writer.execute("COMMIT");
                watching.changes(id);
                asleep += System.nanoTime() - committed;
                assertThat(watching.published()).endsWith("public.users inserted [" + id + "]");
            }
            // By itself it wakes, too.
            assertThat(Duration.ofNanos(asleep)).isLessThan(LONGEST_SLEEP.multipliedBy(rounds / 2));
        }
    }

    @Test
    void aTransactionThatStaysOpenKeepsNobodyFromNoticingThatATriggerIsGone() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.begin("INSERT INTO other VALUES (1)");
            awaitRing(watching, RingBits.ASLEEP);
            database.execute("DROP TRIGGER \"ectowatch.shop.insert\" ON users");
            watching.awaitResync();
        }
    }

    /** Beyond 2^32 transactions their short numbers begin again; those that snapshots have do not. */
    @Test
    void numbersBeyondTheirShortFormAreComparedWhole() {
        long epoch = 1L << 32;
        XidSnapshot cut = XidSnapshot.parse((epoch - 1) + ":" + (epoch + 5) + ":" + (epoch - 1) + "," + (epoch + 3));
        assertThat(cut.sees(epoch)).isTrue();
        assertThat(cut.sees(epoch - 2)).isTrue();
        assertThat(cut.sees(epoch - 1)).isFalse();
        assertThat(cut.sees(epoch + 3)).isFalse();
        assertThat(cut.sees(epoch + 5)).isFalse();
        assertThat(cut.below(epoch + 1)).isEqualTo(new XidSnapshot(epoch - 1, epoch + 1, new long[] {epoch - 1}));
    }

    private void awaitRing(Watching watching, long bits) {
        await().until(() -> {
            watching.poll();
            return (database.number("SELECT last_value FROM ectowatch.\"shop.ring\"") & bits) == bits;
        });
    }
}
