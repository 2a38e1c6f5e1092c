package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A table {@code entries} and its ledger. Writers log each change of {@code entries} in the table {@code ledger}, in the same
 * transaction. At the end, Kafka must have every committed change, no other change, and the changes of each key in commit order.
 */
final class Ledger implements AutoCloseable {

    /** The time for which a test waits while something happens after a failure. */
    static final Duration TIMEOUT = Duration.ofMinutes(4);

    private static final int WRITERS = 3;
    private static final int KEYS = 20;

    /** The key of the last change, which is not in the ledger. No record may follow it. */
    private static final int LAST = -1;

    private final Stack stack;
    private final TestDatabase database;
    private final long seed;
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final List<Thread> writers = new ArrayList<>();

    /** Creates the tables. {@code seed} repeats the random choices of the writers. */
    Ledger(Stack stack, TestDatabase database, long seed) throws SQLException {
        this.stack = stack;
        this.database = database;
        this.seed = seed;
        database.execute(
                "CREATE TABLE entries (id int PRIMARY KEY, n int)",
                "CREATE TABLE ledger (line bigserial PRIMARY KEY, id int, event text,"
                        + " txid bigint DEFAULT pg_current_xact_id()::text::bigint)");
    }

    /** The records of a comparison. */
    record Result(int changes, int records, int duplicates) {}

    /** The config of a connector whose records {@link #compare()} reads. Callers may change the map. */
    Map<String, String> config() {
        return config(database.name());
    }

    /** The same with another prefix of its topic. */
    Map<String, String> config(String prefix) {
        Map<String, String> config = database.watching("entries");
        config.put("delivery.mode", "durable");
        config.put("topic.prefix", prefix);
        config.put("topic.format", "${prefix}.${table}");
        return config;
    }

    void startWriters() {
        for (int i = 0; i < WRITERS; i++) {
            Random random = new Random(seed + i);
            Thread thread = new Thread(() -> write(random), "writer-" + i);
            thread.start();
            writers.add(thread);
        }
    }

    /** Ends the writers after their present transactions. */
    @Override
    public void close() {
        writing.set(false);
        for (Thread writer : writers) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** The number of changes that were committed. */
    long lines() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM ledger")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Waits until as many more changes are committed. */
    void awaitChanges(int count) {
        long before = await().atMost(TIMEOUT).ignoreExceptions().until(this::lines, any -> true);
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> lines() >= before + count);
    }

    /** Continues after any error: a lost connection or a deadlock ends the transaction only. */
    private void write(Random random) {
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

    /** Ends the writers, reads all records and compares them with the ledger. */
    Result compare() throws Exception {
        return compare(database.name());
    }

    /** The same with another prefix of the topic. Can be called again with another one. */
    Result compare(String prefix) throws Exception {
        close();
        database.execute("INSERT INTO entries VALUES (" + LAST + ", 0) ON CONFLICT DO NOTHING");
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
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), prefix + ".entries")) {
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
        Result result = new Result(count, records, records - ids.size());
        System.out.println("ledger: " + count + " committed changes, " + records + " records, " + result.duplicates()
                + " of them duplicates");
        assertThat(arrived).isEqualTo(expected);
        return result;
    }
}
