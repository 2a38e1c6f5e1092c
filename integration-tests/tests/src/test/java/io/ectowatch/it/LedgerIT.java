package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the records of durable delivery with a ledger. Writers log each change in the ledger, in the same
 * transaction, while the test kills and restarts all parts. At the end, Kafka must have every committed change, no
 * other change, and the changes of each key in commit order.
 *
 * <p>{@code -Dledger.seed} repeats the random choices of a run. {@code -Dledger.rounds} sets the number of times that
 * each fault is injected.
 */
@ExtendWith(StackExtension.class)
class LedgerIT {

    private static final int WRITERS = 3;
    private static final int KEYS = 20;

    /** The key of the last change, which is not in the ledger. No record may follow it. */
    private static final int LAST = -1;

    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private final Stack stack;
    private final long seed = Long.getLong("ledger.seed", System.nanoTime());
    private final int rounds = Integer.getInteger("ledger.rounds", 1);
    private final AtomicBoolean writing = new AtomicBoolean(true);

    LedgerIT(Stack stack) {
        this.stack = stack;
    }

    /** A failure of a part while the writers are running. */
    private interface Fault {
        void inject() throws Exception;
    }

    @Test
    void everyCommittedChangeArrivesInOrderDespiteFailures() throws Exception {
        run(Map.of(), false);
    }

    /** With the transaction boundaries of Kafka that Connect defines: poll and interval. */
    @ParameterizedTest
    @ValueSource(strings = {"poll", "interval"})
    void withExactlyOnceNoChangeArrivesTwice(String boundary) throws Exception {
        stack.connect().restartWithExactlyOnce(true);
        try {
            run(
                    Map.of(
                            "exactly.once.support", "required",
                            "transaction.boundary", boundary,
                            "transaction.boundary.interval.ms", "300"),
                    true);
        } finally {
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void run(Map<String, String> settings, boolean exactlyOnce) throws Exception {
        System.out.println("ledger.seed=" + seed);
        try (TestDatabase database = new TestDatabase(stack)) {
            database.execute(
                    "CREATE TABLE entries (id int PRIMARY KEY, n int)",
                    "CREATE TABLE ledger (line bigserial PRIMARY KEY, id int, event text,"
                            + " txid bigint DEFAULT pg_current_xact_id()::text::bigint)");
            Map<String, String> config = database.watching("entries");
            config.put("delivery.mode", "durable");
            config.put("topic.prefix", database.name());
            config.put("topic.format", "${prefix}.${table}");
            config.putAll(settings);
            database.createConnector("ledger", config);

            List<Thread> writers = startWriters(database);
            injectFaults(database);
            writing.set(false);
            for (Thread writer : writers) {
                writer.join();
            }
            database.execute("INSERT INTO entries VALUES (" + LAST + ", 0)");
            compare(database, exactlyOnce);
        }
    }

    private void injectFaults(TestDatabase database) throws Exception {
        String connector = database.connector("ledger");
        List<Fault> faults = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            faults.add(() -> stack.connect().restart());
            faults.add(() -> stack.postgres().restart(StopMode.IMMEDIATE));
            faults.add(() -> stack.postgres().restart(StopMode.FAST));
            faults.add(() -> stack.kafka().restart());
            faults.add(() -> terminateReaders(database));
            faults.add(() -> stack.connect().rest().restart(connector));
            faults.add(() -> {
                stack.connect().rest().pause(connector);
                stack.connect().rest().waitUntil(connector, "PAUSED");
                stack.connect().rest().resume(connector);
            });
        }
        Collections.shuffle(faults, new Random(seed));
        for (Fault fault : faults) {
            long before = lines(database);
            fault.inject();
            stack.connect().rest().waitUntilRunning(connector);
            await().atMost(TIMEOUT).ignoreExceptions().until(() -> lines(database) >= before + 100);
        }
    }

    private void terminateReaders(TestDatabase database) throws SQLException {
        database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ectowatch %'");
    }

    private static long lines(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM ledger")) {
            row.next();
            return row.getLong(1);
        }
    }

    private List<Thread> startWriters(TestDatabase database) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Random random = new Random(seed + i);
            Thread thread = new Thread(() -> write(database, random), "writer-" + i);
            thread.start();
            threads.add(thread);
        }
        return threads;
    }

    /** Continues after any error: a lost connection or a deadlock ends the transaction only. */
    private void write(TestDatabase database, Random random) {
        while (writing.get()) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing.get()) {
                    transaction(connection, statement, random);
                }
            } catch (SQLException e) {
                Thread.onSpinWait();
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
            statement.execute("SELECT pg_sleep(" + random.nextInt(1000) / 1000.0 + ")"); // a long transaction
        }
        if (random.nextInt(10) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
    }

    private static void change(Statement statement, Random random) throws SQLException {
        int low = random.nextInt(KEYS);
        String keys = "id BETWEEN " + low + " AND " + (low + random.nextInt(3));
        String[] change =
                switch (random.nextInt(3)) {
                    case 0 ->
                        new String[] {
                            "INSERT INTO entries VALUES (" + low + ", 0) ON CONFLICT (id) DO NOTHING RETURNING id",
                            "inserted"
                        };
                    case 1 -> new String[] {"UPDATE entries SET n = n + 1 WHERE " + keys + " RETURNING id", "updated"};
                    default -> new String[] {"DELETE FROM entries WHERE " + keys + " RETURNING id", "deleted"};
                };
        statement.execute("WITH changed AS (" + change[0] + ") INSERT INTO ledger (id, event) SELECT id, '" + change[1]
                + "' FROM changed");
    }

    private void compare(TestDatabase database, boolean exactlyOnce) throws Exception {
        Map<Integer, List<String>> expected = new HashMap<>();
        int count = 0;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, txid, event FROM ledger ORDER BY line")) {
            while (row.next()) {
                expected.computeIfAbsent(row.getInt(1), any -> new ArrayList<>())
                        .add(row.getLong(2) + " " + row.getString(3));
                count++;
            }
        }
        Map<Integer, List<String>> arrived = new HashMap<>();
        Set<String> ids = new HashSet<>();
        int records = 0;
        boolean last = false;
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".entries")) {
            long progress = System.nanoTime();
            while (!last && System.nanoTime() - progress < TIMEOUT.toNanos()) {
                for (ReceivedRecord record : reader.poll(Duration.ofMillis(200))) {
                    progress = System.nanoTime();
                    assertThat(record.key())
                            .as("no change was lost, but a resync record was published: %s", record.value())
                            .isNotNull();
                    if (record.key().get("id").asInt() == LAST) {
                        last = true;
                        continue;
                    }
                    records++;
                    // At-least-once: a duplicate has the same id.
                    if (ids.add(record.value().get("id").asText())) {
                        arrived.computeIfAbsent(record.key().get("id").asInt(), any -> new ArrayList<>())
                                .add(record.value().get("txid").asLong() + " "
                                        + record.value().get("event").asText());
                    }
                }
            }
        }
        System.out.println("ledger: " + count + " committed changes, " + records + " records, " + (records - ids.size())
                + " of them duplicates");
        assertThat(arrived).isEqualTo(expected);
        if (exactlyOnce) {
            assertThat(records).isEqualTo(ids.size());
        }
    }
}
