package io.ectowatch.it;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Threads that change the tables of a {@link BackfillLedger}, and one that calls and stops backfills. */
final class BackfillLedgerWriters implements AutoCloseable {

    private static final int WRITERS = 2;

    private final TestDatabase database;
    private final String connector;
    private final long seed;
    private final int called;
    private final Set<String> ended;
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final List<Future<?>> running = new ArrayList<>();

    /**
     * @param called so many backfills that were called have not ended at any time
     * @param ended the ids of the backfills that have ended
     */
    BackfillLedgerWriters(TestDatabase database, String connector, long seed, int called, Set<String> ended) {
        this.database = database;
        this.connector = connector;
        this.seed = seed;
        this.called = called;
        this.ended = ended;
    }

    /** Starts the threads. A future that is done has failed. */
    List<Future<?>> start(ExecutorService threads) {
        for (int i = 0; i <= WRITERS; i++) {
            Random random = new Random(seed + i);
            boolean calls = i == WRITERS;
            running.add(threads.submit(() -> repeat((connection, statement) -> {
                if (calls) {
                    call(connection, statement, random);
                } else {
                    write(connection, statement, random);
                }
            })));
        }
        return List.copyOf(running);
    }

    /** Lets the threads end after their present transactions. */
    void stop() {
        writing.set(false);
    }

    @Override
    public void close() {
        stop();
    }

    private interface Work {
        void in(Connection connection, Statement statement) throws SQLException;
    }

    /** Continues after any error: a lost connection or a deadlock ends the transaction only. */
    private void repeat(Work work) {
        while (writing.get()) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing.get()) {
                    work.in(connection, statement);
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private static void write(Connection connection, Statement statement, Random random) throws SQLException {
        statement.execute("SET LOCAL synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
        for (int i = random.nextInt(3); i >= 0; i--) {
            change(statement, random);
        }
        if (random.nextInt(50) == 0) {
            statement.execute("SELECT pg_sleep(0.2)"); // a long transaction
        }
        if (random.nextInt(10) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
        statement.execute("SELECT pg_sleep(0.001)"); // the consumer has to keep up
        connection.rollback();
    }

    private static void change(Statement statement, Random random) throws SQLException {
        if (random.nextInt(5) == 0) {
            int id = random.nextInt(BackfillLedger.ROWS / 4);
            statement.execute(
                    random.nextBoolean()
                            ? "INSERT INTO stock VALUES (" + id + ", 1) ON CONFLICT (id) DO UPDATE SET n = stock.n + 1"
                            : "DELETE FROM stock WHERE id = " + id);
            return;
        }
        int low = random.nextInt(4) == 0 ? random.nextInt(100) : random.nextInt(2 * BackfillLedger.ROWS);
        String keys = "id BETWEEN " + low + " AND " + (low + random.nextInt(10));
        String[] change =
                switch (random.nextInt(3)) {
                    case 0 ->
                        new String[] {
                            "INSERT INTO items VALUES (" + low + ", 1) ON CONFLICT (id) DO NOTHING RETURNING id, n",
                            "inserted"
                        };
                    case 1 -> new String[] {"UPDATE items SET n = n + 1 WHERE " + keys + " RETURNING id, n", "updated"};
                    default ->
                        new String[] {"DELETE FROM items WHERE id = " + low + " RETURNING id, NULL::int", "deleted"};
                };
        statement.execute("WITH changed (id, n) AS (" + change[0] + ") INSERT INTO ledger (id, event, n) SELECT id, '"
                + change[1] + "', n FROM changed");
    }

    /** Calls a backfill, if only few have not ended; stops some of them. */
    private void call(Connection connection, Statement statement, Random random) throws SQLException {
        long open;
        try (ResultSet row = statement.executeQuery(
                "SELECT count(*) FROM calls WHERE id <> ALL ('{" + String.join(",", ended) + "}')")) {
            row.next();
            open = row.getLong(1);
        }
        if (open < called) {
            String table = random.nextInt(4) == 0 ? "stock" : "items";
            String condition = random.nextInt(4) == 0 ? "n % 2 = 0" : null;
            boolean stop = random.nextInt(5) == 0;
            String id;
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO calls VALUES (ectowatch.backfill(?, ?, ?), ?, ?) RETURNING id")) {
                insert.setString(1, connector);
                insert.setString(2, table);
                insert.setString(3, condition);
                insert.setString(4, condition);
                insert.setBoolean(5, stop);
                try (ResultSet row = insert.executeQuery()) {
                    row.next();
                    id = row.getString(1);
                }
            }
            connection.commit();
            if (stop) {
                statement.execute("SELECT pg_sleep(" + random.nextInt(200) / 1000.0 + "), ectowatch.backfill_stop('"
                        + connector + "', '" + id + "')");
            }
        } else {
            statement.execute("SELECT pg_sleep(0.02)");
        }
        connection.commit();
    }
}
