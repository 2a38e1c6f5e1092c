package io.ectowatch.connect.journal.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.journal.PublishedChanges;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was written before the ring of journal tables turned is read after it, and what is read is emptied. */
class RingIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    /** A task that never sleeps, as two-phase transactions need; it also tends the journal without delay. */
    private static final String[] WIDE_AWAKE = {"tables=users", "delivery.mode=durable", "doorbell=off"};

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)", "CREATE TABLE other (id int)");
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
            PublishedChanges.exactly(
                    database,
                    watching,
                    IntStream.range(1, 5)
                            .mapToObj(id -> "public.users inserted [" + id + "]")
                            .toArray(String[]::new));
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
            PublishedChanges.exactly(database, watching, "public.users inserted [1]", "public.users inserted [2]");
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
            assertThat(watching.published()).hasSize(4).doesNotHaveDuplicates();
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
            assertThat(watching.published()).endsWith("public.users inserted [4]");
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
                    await().until(() -> {
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

    /** Writes a row, so that there is something to turn away from, and lets triggers write to that table from then on. */
    private void turnTo(Watching watching, int table, int id) throws Exception {
        database.execute(
                "INSERT INTO users VALUES (" + id + ")", "SELECT setval('ectowatch.\"shop.ring\"', " + table + ")");
        watching.poll();
    }

    private long rows(int table) throws SQLException {
        return database.number("SELECT count(*) FROM ectowatch.\"shop.journal." + table + "\"");
    }
}
