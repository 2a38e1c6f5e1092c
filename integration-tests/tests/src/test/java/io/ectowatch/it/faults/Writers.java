package io.ectowatch.it.faults;

import io.ectowatch.it.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Threads that change the {@link WatchedTables} until they are closed. */
final class Writers implements AutoCloseable {

    private static final int WRITERS = 3;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Held by a writer during a transaction. */
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);

    private final TestDatabase database;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean writing = true;

    Writers(TestDatabase database, long seed) {
        this.database = database;
        for (int i = 0; i < WRITERS; i++) {
            Random random = new Random(seed + i);
            Thread thread = new Thread(() -> write(random), "writer-" + i);
            thread.start();
            threads.add(thread);
        }
    }

    /** Work while no writer has a transaction. */
    interface Work<T> {
        T run() throws Exception;
    }

    <T> T whilePaused(Work<T> work) throws Exception {
        while (!gate.writeLock().tryLock(20, TimeUnit.SECONDS)) {
            // Writers that have deadlocked. PostgreSQL looks for deadlocks late if its clock was set back meanwhile.
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE wait_event_type = 'Lock' AND datname = current_database()");
        }
        try {
            return work.run();
        } finally {
            gate.writeLock().unlock();
        }
    }

    /** Continues after any error: a lost connection, a full disk or a deadlock ends the transaction only. */
    private void write(Random random) {
        while (writing) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing) {
                    gate.readLock().lock();
                    try {
                        transaction(connection, statement, random);
                    } finally {
                        gate.readLock().unlock();
                    }
                    LockSupport.parkNanos(PAUSE_NS);
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    private static void transaction(Connection connection, Statement statement, Random random) throws SQLException {
        statement.execute("SET LOCAL synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
        for (int i = random.nextInt(4); i >= 0; i--) {
            boolean doubtful = random.nextInt(4) == 0;
            if (doubtful) {
                statement.execute("SAVEPOINT s");
            }
            change(statement, random);
            if (doubtful && random.nextBoolean()) {
                statement.execute("ROLLBACK TO s");
            }
        }
        if (random.nextInt(20) == 0) {
            // A longer transaction. pg_sleep would not end if the server's clock is set back meanwhile.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(200)));
        }
        if (random.nextInt(10) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
    }

    private static void change(Statement statement, Random random) throws SQLException {
        String table = WatchedTables.NAMES.get(random.nextInt(3) / 2); // two of three changes are in the first one
        int low = random.nextInt(WatchedTables.KEYS);
        int high = random.nextInt(30) == 0 ? WatchedTables.KEYS : low + random.nextInt(3);
        String keys = " WHERE id BETWEEN " + low + " AND " + high;
        statement.execute(
                switch (random.nextInt(3)) {
                    case 0 ->
                        WatchedTables.logged(
                                "INSERT INTO " + table + " VALUES (" + low
                                        + ", 0) ON CONFLICT (id) DO NOTHING RETURNING id, n",
                                table,
                                "inserted");
                    case 1 ->
                        WatchedTables.logged(
                                "UPDATE " + table + " SET n = n + 1" + keys + " RETURNING id, n", table, "updated");
                    default ->
                        WatchedTables.logged(
                                "DELETE FROM " + table + keys + " RETURNING id, NULL::int", table, "deleted");
                });
    }

    @Override
    public void close() {
        writing = false;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
