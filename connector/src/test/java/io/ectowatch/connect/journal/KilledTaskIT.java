package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Worker;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A task that dies between any two steps: the next one begins exactly where Connect's committed offset says. */
class KilledTaskIT {

    private static final String[] DURABLE = {"tables=users", "delivery.mode=durable"};

    /** What has been done with the changes when the task dies. */
    enum Step {
        READ,
        HANDED_OVER,
        PARTLY_ACKNOWLEDGED,
        ACKNOWLEDGED,
        OFFSET_WRITTEN,
        TOLD_OF_ONE_COMMIT,
        TOLD_OF_TWO_COMMITS,
        JOURNAL_EMPTIED
    }

    @NewDatabase
    private TestDatabase database;

    private Worker worker;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
        worker = new Worker(database, DURABLE);
    }

    @AfterEach
    void close() {
        worker.close();
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatDiesLosesNothingAndDoublesNothing(Step step) throws Exception {
        worker.start();
        database.execute("INSERT INTO users VALUES (1)", "INSERT INTO users VALUES (2), (3), (4)");
        // The committed offset is within a statement.
        receive(2);
        worker.acknowledge(2);
        worker.writeOffset();
        worker.notifyCommitted();
        try (Connection connection = database.connect();
                Statement open = connection.createStatement()) {
            open.execute("BEGIN; INSERT INTO users VALUES (5), (6)");
            database.execute("INSERT INTO users VALUES (7), (8)", "DELETE FROM users WHERE id = 1");
            advance(step);
            worker.kill();
            open.execute("COMMIT");
        }
        database.execute("INSERT INTO users VALUES (9)");
        worker.start();
        await().until(() -> {
            finish();
            return worker.committed().contains("public.users inserted [9]");
        });
        assertThat(worker.committed())
                .filteredOn(change -> !change.endsWith("[100]")) // of the journal's emptying alone
                .containsExactlyInAnyOrder(
                        "public.users inserted [1]",
                        "public.users inserted [2]",
                        "public.users inserted [3]",
                        "public.users inserted [4]",
                        "public.users inserted [5]",
                        "public.users inserted [6]",
                        "public.users inserted [7]",
                        "public.users inserted [8]",
                        "public.users deleted [1]",
                        "public.users inserted [9]");
    }

    @Test
    void aRowOfWhichOnlyAPartIsCommittedIsNotEmptied() throws Exception {
        try (Worker awake = new Worker(database, "tables=users", "delivery.mode=durable", "doorbell=off")) {
            awake.start();
            database.execute("INSERT INTO users VALUES (1), (2), (3)", "SELECT setval('ectowatch.\"shop.ring\"', 1)");
            await().until(() -> awake.poll(1, 10) == 1);
            awake.acknowledge(1);
            awake.writeOffset();
            awake.notifyCommitted();
            awake.notifyCommitted();
            // It looks every second.
            await().during(Duration.ofMillis(2_500))
                    .untilAsserted(() -> assertThat(rowsOfTheFirstTable()).containsExactly("i [1],[2],[3]"));
            awake.kill();
            awake.start();
            await().until(() -> {
                awake.poll(2 - awake.inFlight(), 10);
                return awake.inFlight() == 2;
            });
            awake.acknowledge(2);
            awake.writeOffset();
            assertThat(awake.committed())
                    .containsExactly(
                            "public.users inserted [1]", "public.users inserted [2]", "public.users inserted [3]");
        }
    }

    private List<String> rowsOfTheFirstTable() throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT event::text || ' ' || body FROM ectowatch.\"shop.journal.0\" ORDER BY lsn")) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    private void advance(Step last) throws Exception {
        if (last == Step.READ) {
            return;
        }
        receive(5);
        if (last == Step.HANDED_OVER) {
            return;
        }
        worker.acknowledge(3);
        if (last == Step.PARTLY_ACKNOWLEDGED) {
            return;
        }
        worker.acknowledge(2);
        if (last == Step.ACKNOWLEDGED) {
            return;
        }
        worker.writeOffset();
        if (last == Step.OFFSET_WRITTEN) {
            return;
        }
        worker.notifyCommitted();
        if (last == Step.TOLD_OF_ONE_COMMIT) {
            return;
        }
        worker.notifyCommitted();
        if (last == Step.TOLD_OF_TWO_COMMITS) {
            return;
        }
        // The open transaction holds its table, so what it has not written to is emptied.
        database.execute("SELECT setval('ectowatch.\"shop.ring\"', 1)", "INSERT INTO users VALUES (100)");
        database.execute("SELECT setval('ectowatch.\"shop.ring\"', 2)", "DELETE FROM users WHERE id = 100");
        receive(2);
        worker.acknowledge(2);
        worker.writeOffset();
        worker.notifyCommitted();
        worker.notifyCommitted();
        await().until(() -> database.number("SELECT count(*) FROM ectowatch.\"shop.journal.1\"") == 0);
    }

    /** Long, and seeded: the seed that failed is in the message. */
    @Test
    void aTaskThatDiesAtRandomLosesNothingAndDoublesNothing() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> expected = new ArrayList<>();
        try (Writers writers = new Writers(random, expected)) {
            worker.start();
            int steps = Integer.getInteger("steps", 1_500);
            for (int step = 0; step < steps; step++) {
                int dice = random.nextInt(100);
                if (dice < 50) {
                    writers.step();
                } else if (dice < 70) {
                    worker.poll(1 + random.nextInt(20), random.nextInt(3));
                } else if (dice < 85) {
                    worker.acknowledge(1 + random.nextInt(20));
                } else if (dice < 92) {
                    worker.writeOffset();
                    if (random.nextInt(4) > 0) {
                        worker.notifyCommitted();
                    }
                } else if (dice < 98) {
                    database.execute("SELECT setval('ectowatch.\"shop.ring\"', " + random.nextInt(3) + ")");
                } else {
                    worker.kill();
                    worker.start();
                }
            }
            writers.finish();
        }
        database.execute("INSERT INTO users VALUES (-1)");
        await().until(() -> {
            finish();
            return worker.committed().contains("public.users inserted [-1]");
        });
        expected.add("public.users inserted [-1]");
        assertThat(worker.committed()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
    }

    private void receive(int count) {
        await().until(() -> {
            worker.poll(count - worker.inFlight(), 10);
            return worker.inFlight() == count;
        });
    }

    private void finish() throws InterruptedException {
        while (worker.poll(1_000, 50) > 0) {
            worker.acknowledge(1_000);
        }
        worker.acknowledge(1_000);
        worker.writeOffset();
        worker.notifyCommitted();
    }

    /** Three sessions in one thread, which never wait for each other. */
    private final class Writers implements AutoCloseable {

        private final Random random;
        private final List<String> expected;
        private final List<Session> sessions = new ArrayList<>();
        private int nextId;

        Writers(Random random, List<String> expected) throws SQLException {
            this.random = random;
            this.expected = expected;
            for (int i = 0; i < 3; i++) {
                sessions.add(new Session());
            }
        }

        void step() throws SQLException {
            Session session = sessions.get(random.nextInt(sessions.size()));
            int dice = random.nextInt(10);
            if (dice < 5) {
                session.insert(1 + random.nextInt(random.nextInt(5) == 0 ? 1_500 : 3));
            } else if (dice == 5) {
                session.insertAndRollBack();
            } else if (dice == 6) {
                session.connection.rollback();
                session.changes.clear();
            } else {
                session.commit();
            }
        }

        void finish() throws SQLException {
            for (Session session : sessions) {
                session.commit();
            }
        }

        @Override
        public void close() throws SQLException {
            for (Session session : sessions) {
                session.connection.close();
            }
        }

        private final class Session {
            private final Connection connection = database.connect();
            private final List<String> changes = new ArrayList<>();

            Session() throws SQLException {
                connection.setAutoCommit(false);
            }

            void insert(int rows) throws SQLException {
                write(rows);
                for (int id = nextId - rows + 1; id <= nextId; id++) {
                    changes.add("public.users inserted [" + id + "]");
                }
            }

            void insertAndRollBack() throws SQLException {
                Savepoint savepoint = connection.setSavepoint();
                write(2);
                connection.rollback(savepoint);
            }

            private void write(int rows) throws SQLException {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("INSERT INTO users SELECT g FROM generate_series(" + (nextId + 1) + ", "
                            + (nextId + rows) + ") g");
                }
                nextId += rows;
            }

            void commit() throws SQLException {
                connection.commit();
                expected.addAll(changes);
                changes.clear();
            }
        }
    }
}
