package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions of every kind, across the turns of the ring: each is read once, when it is committed. */
class TransactionsIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5);

    /** A task that never sleeps, as two-phase transactions need; it also tends the journal without delay. */
    private static final String[] WIDE_AWAKE = {"tables=users", "delivery.mode=durable", "doorbell=off"};

    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database = TestDatabase.create();
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE other (id int)");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void whatIsRolledBackToASavepointIsNotTold() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement writer = database.begin("INSERT INTO users VALUES (1)");
            writer.execute("SAVEPOINT a; INSERT INTO users VALUES (2); SAVEPOINT b; INSERT INTO users VALUES (3)");
            writer.execute("ROLLBACK TO b; INSERT INTO users VALUES (4); ROLLBACK TO a");
            writer.execute("SAVEPOINT c; INSERT INTO users VALUES (5); RELEASE c; COMMIT");

            assertTells(watching, "public.users inserted [1]", "public.users inserted [5]");
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
            assertTells(watching, "public.users inserted [1]", "public.users inserted [3]");
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
            assertThat(watching.told()).doesNotHaveDuplicates().startsWith("public.users inserted [1000]");
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
            assertThat(watching.told())
                    .containsSubsequence(
                            "public.users updated [1, 3]",
                            "public.users updated [1, 20]",
                            "public.users updated [1, 1]");
        }
    }

    @Test
    void equalChangesOfOneTransactionAreAllTold() throws Exception {
        database.execute("INSERT INTO users VALUES (1, 0)");
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement writer = database.begin("UPDATE users SET n = 1");
            writer.execute("UPDATE users SET n = 1; UPDATE users SET n = 1; COMMIT");
            watching.changes(3);
            assertThat(watching.told()).containsOnly("public.users updated [1]").hasSize(3);
            assertThat(watching.changes(3).stream().map(Change::id)).doesNotHaveDuplicates();
        }
    }

    /** It has looked at the bell before it was armed; whoever sleeps must not trust in being woken by it. */
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
                awaitRing(watching, Doorbell.ARMED);
                long committed = System.nanoTime();
                writer.execute("COMMIT");
                watching.changes(id);
                asleep += System.nanoTime() - committed;
                assertThat(watching.told()).endsWith("public.users inserted [" + id + "]");
            }
            // By itself it wakes, too.
            assertThat(Duration.ofNanos(asleep)).isLessThan(LONGEST_SLEEP.multipliedBy(rounds / 2));
        }
    }

    @Test
    void aTransactionThatStaysOpenKeepsNobodyFromNoticingThatATriggerIsGone() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.begin("INSERT INTO other VALUES (1)");
            awaitRing(watching, Doorbell.ARMED);
            database.execute("DROP TRIGGER \"ectowatch.shop.insert\" ON users");
            watching.awaitResync();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"})
    void aWriterAcrossTwoTurnsOfTheRingIsReadWhole(String level) throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            Statement writer = database.begin("SET TRANSACTION ISOLATION LEVEL " + level);
            writer.execute("SELECT * FROM other");
            for (int turn = 1; turn <= 4; turn++) {
                writer.execute("INSERT INTO users VALUES (" + turn + ")");
                turnTo(watching, turn % 3, 100 + turn);
            }
            watching.changes(4);
            watching.forget();
            writer.execute("COMMIT");
            assertTells(watching, IntStream.range(1, 5).mapToObj(id -> "public.users inserted [" + id + "]"));
        }
    }

    @Test
    void aPreparedTransactionAcrossTwoTurnsOfTheRingIsRead() throws Exception {
        try (Watching watching = Watching.start(database, WIDE_AWAKE)) {
            Statement writer = database.begin("INSERT INTO users VALUES (1)");
            turnTo(watching, 1, 101);
            writer.execute("INSERT INTO users VALUES (2)");
            writer.execute("PREPARE TRANSACTION 'across'");
            turnTo(watching, 2, 102);
            turnTo(watching, 0, 103);
            database.execute("INSERT INTO users VALUES (104)");
            // What it wrote to stays, and what it did not write to goes.
            await().until(() -> {
                watching.poll();
                watching.commit();
                return rows(2) == 0;
            });
            watching.changes(4);
            watching.forget();
            database.execute("COMMIT PREPARED 'across'");
            assertTells(watching, "public.users inserted [1]", "public.users inserted [2]");
        }
    }

    /** As a dump does: it holds a snapshot and the tables that it has come to. */
    @Test
    void aDumpThatHasReadTheJournalDelaysItsEmptyingAndNothingElse() throws Exception {
        try (Watching watching = Watching.start(database, WIDE_AWAKE)) {
            database.execute("INSERT INTO users VALUES (1)");
            watching.changes(1);
            Statement dump = database.begin("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            dump.execute("SELECT * FROM ectowatch.\"shop.journal.0\"");
            turnTo(watching, 1, 2);
            turnTo(watching, 2, 3);
            database.execute("INSERT INTO users VALUES (4)");
            await().until(() -> {
                watching.poll();
                watching.commit();
                return rows(1) == 0;
            });
            watching.changes(4);
            assertThat(rows(0)).isEqualTo(2);
            dump.execute("COMMIT");
            await().until(() -> {
                watching.poll();
                watching.commit();
                return rows(0) == 0;
            });
            assertThat(watching.told()).hasSize(4).doesNotHaveDuplicates();
        }
    }

    @Test
    void aSnapshotThatHasNotTouchedTheJournalDelaysNothing() throws Exception {
        try (Watching watching = Watching.start(database, WIDE_AWAKE)) {
            Statement reader = database.begin("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            reader.execute("SELECT * FROM other");
            turnTo(watching, 1, 1);
            turnTo(watching, 2, 2);
            database.execute("INSERT INTO users VALUES (3)");
            await().until(() -> {
                watching.poll();
                watching.commit();
                return rows(1) == 0;
            });
            watching.changes(3);
            // And it may still write, to tables that have been emptied since its snapshot.
            database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)");
            reader.execute("INSERT INTO users VALUES (4)");
            reader.execute("COMMIT");
            watching.changes(4);
            assertThat(watching.told()).endsWith("public.users inserted [4]");
        }
    }

    @Test
    void theRingTurnsAndIsEmptiedAlsoWhileChangesNeverCease() throws Exception {
        try (Watching watching = Watching.start(database, DURABLE)) {
            database.execute("CREATE TABLE stop ()");
            List<Thread> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                int first = writer * 100_000_000;
                writers.add(new Thread(() -> writeUntilStopped(first)));
            }
            writers.forEach(Thread::start);
            try {
                for (int wanted : new int[] {1, 2, 0}) {
                    await().atMost(Duration.ofSeconds(60)).until(() -> {
                        watching.poll();
                        watching.forget();
                        watching.commit();
                        return database.number("SELECT last_value & 3 FROM ectowatch.\"shop.ring\"") == wanted;
                    });
                }
            } finally {
                database.execute("DROP TABLE stop");
                for (Thread writer : writers) {
                    writer.join();
                }
            }
        }
    }

    private void writeUntilStopped(int first) {
        try {
            database.execute("""
                    DO $$ BEGIN
                      FOR i IN 1..10000000 LOOP
                        INSERT INTO users VALUES (%d + i);
                        COMMIT;
                        EXIT WHEN to_regclass('public.stop') IS NULL;
                      END LOOP;
                    END $$""".formatted(first));
        } catch (SQLException e) {
            // It ends with its database, if not before.
        }
    }

    /** Beyond 2^32 transactions their short numbers begin anew; those that snapshots have do not. */
    @Test
    void numbersBeyondTheirShortFormAreComparedWhole() {
        long epoch = 1L << 32;
        Snapshot cut = Snapshot.parse((epoch - 1) + ":" + (epoch + 5) + ":" + (epoch - 1) + "," + (epoch + 3));
        assertThat(cut.sees(epoch)).isTrue();
        assertThat(cut.sees(epoch - 2)).isTrue();
        assertThat(cut.sees(epoch - 1)).isFalse();
        assertThat(cut.sees(epoch + 3)).isFalse();
        assertThat(cut.sees(epoch + 5)).isFalse();
        assertThat(cut.allEndedBefore(epoch)).isFalse();
        assertThat(cut.below(epoch + 1)).isEqualTo(new Snapshot(epoch - 1, epoch + 1, new long[] {epoch - 1}));
    }

    /** Writes a row, so that there is something to turn away from, and lets triggers write to that table from then on. */
    private void turnTo(Watching watching, int table, int id) throws Exception {
        database.execute(
                "INSERT INTO users VALUES (" + id + ")", "SELECT setval('ectowatch.\"shop.ring\"', " + table + ")");
        watching.poll();
    }

    private void awaitRing(Watching watching, long bits) {
        await().until(() -> {
            watching.poll();
            return (database.number("SELECT last_value FROM ectowatch.\"shop.ring\"") & bits) == bits;
        });
    }

    private void assertTells(Watching watching, Stream<String> expected) throws Exception {
        assertTells(watching, expected.toArray(String[]::new));
    }

    /** That, and nothing else before a change that comes after it. */
    private void assertTells(Watching watching, String... expected) throws Exception {
        watching.changes(expected.length);
        database.execute("INSERT INTO users VALUES (999999)");
        watching.changes(expected.length + 1);
        assertThat(watching.told().subList(0, expected.length)).containsExactly(expected);
        assertThat(watching.told()).hasSize(expected.length + 1).endsWith("public.users inserted [999999]");
    }

    private long rows(int table) throws SQLException {
        return database.number("SELECT count(*) FROM ectowatch.\"shop.journal." + table + "\"");
    }
}
