package io.ectowatch.connect.install.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How long writers of a partitioned table wait for the DDL that installs triggers. */
class PartitionLocksIT {

    private static final int PARTITIONS = 6;

    /** In milliseconds. */
    private static final int BOUND = 600;

    /** How long a writer's transaction takes at least: long enough to be met, and much shorter than the bound. */
    private static final long TRANSACTION_NS = TimeUnit.MILLISECONDS.toNanos(BOUND / 10);

    /** Who waits for which table's lock, and for how many milliseconds. */
    private static final String WAITING = """
            SELECT l.virtualtransaction, l.relation::regclass::text,
                   (date_part('epoch', clock_timestamp() - l.waitstart) * 1000)::int
            FROM pg_locks AS l
            WHERE NOT l.granted AND l.locktype = 'relation' AND l.mode = 'ShareRowExclusiveLock'
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """;

    @NewDatabase
    private TestDatabase database;

    @Test
    void theBoundIsForAllPartitionsTogether() throws Exception {
        database.execute("CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id)");
        for (int i = 0; i < PARTITIONS; i++) {
            database.execute("CREATE TABLE logs_%d PARTITION OF logs FOR VALUES FROM (%d) TO (%d)"
                    .formatted(i, 1_000_000 * i, 1_000_000 * (i + 1)));
        }
        AtomicBoolean installed = new AtomicBoolean();
        try (BusyPartitions writers = new BusyPartitions();
                Watching watching = Watching.begin(database, "tables=logs", "ddl.lock.timeout.ms=" + BOUND)) {
            Thread installing = new Thread(() -> {
                watching.awaitInstalled();
                installed.set(true);
            });
            installing.start();
            writers.goOnUntil(installed);
            installing.join();

            assertThat(writers.waitedFor).as("attempts that had to wait").isNotEmpty();
            // Each wait takes more than half of the bound: so a second one ends the attempt.
            assertThat(writers.waitedFor.values())
                    .as("partitions that one attempt waited for")
                    .allSatisfy(partitions -> assertThat(partitions.size()).isLessThanOrEqualTo(2));
        }
    }

    /**
     * A short transaction on each partition, one after another. Where DDL waits for one, that transaction ends when the DDL
     * has waited for more than half of the bound. After some such attempts there are no more transactions.
     */
    private final class BusyPartitions implements AutoCloseable {

        private final Connection looking = database.connect();
        private final List<Connection> sessions = new ArrayList<>();
        private final long[] begun = new long[PARTITIONS];
        private int written;
        final Map<String, Set<String>> waitedFor = new HashMap<>();

        BusyPartitions() throws SQLException {
            for (int i = 0; i < PARTITIONS; i++) {
                Connection session = database.connect();
                session.setAutoCommit(false);
                sessions.add(session);
                begin(i);
            }
        }

        private void begin(int partition) throws SQLException {
            begun[partition] = System.nanoTime();
            try (Statement statement = sessions.get(partition).createStatement()) {
                // Behind the DDL no row could be written: then this partition's turn is over.
                statement.execute("SET LOCAL lock_timeout = 1");
                statement.execute(
                        "INSERT INTO logs_" + partition + " VALUES (" + (1_000_000 * partition + written++) + ")");
            } catch (SQLException e) {
                sessions.get(partition).rollback();
            }
        }

        void goOnUntil(AtomicBoolean done) throws Exception {
            while (!done.get()) {
                Set<String> awaited = awaited();
                for (int i = 0; i < PARTITIONS; i++) {
                    boolean old = System.nanoTime() - begun[i] > TRANSACTION_NS;
                    if (old && !awaited.contains("logs_" + i)) {
                        sessions.get(i).commit();
                        if (waitedFor.size() < 2) {
                            begin(i);
                        }
                    }
                }
                Thread.sleep(5);
            }
        }

        /** The partitions whose transactions have to stay open for now. */
        private Set<String> awaited() throws SQLException {
            Set<String> awaited = new TreeSet<>();
            try (Statement statement = looking.createStatement();
                    ResultSet row = statement.executeQuery(WAITING)) {
                while (row.next()) {
                    String partition = row.getString(2);
                    waitedFor
                            .computeIfAbsent(row.getString(1), any -> new TreeSet<>())
                            .add(partition);
                    if (row.getInt(3) < BOUND * 6 / 10) {
                        awaited.add(partition);
                    }
                }
            }
            return awaited;
        }

        @Override
        public void close() throws SQLException {
            for (Connection session : sessions) {
                session.rollback();
                session.close();
            }
            looking.close();
        }
    }
}
