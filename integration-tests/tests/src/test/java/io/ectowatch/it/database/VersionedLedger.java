package io.ectowatch.it.database;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A table {@code entries} and its ledger, in a database that is replaced by another one: after a failover, an upgrade or a
 * restore. Writers give each change a number that is never repeated, and log it in the same transaction. So a change is known
 * by this number, also if the new server gives transaction numbers again.
 */
final class VersionedLedger implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(4);
    private static final int WRITERS = 3;
    private static final int KEYS = 20;

    /** The key of the last change, which is not in the ledger. */
    private static final int LAST = -1;

    /** Opens a connection to the server that is the primary now. */
    interface Primary {
        Connection connect() throws SQLException;
    }

    /**
     * What has arrived.
     *
     * @param changes the changes that the database has at the end
     * @param duplicates records of changes that had arrived before
     * @param renumbered those of them, but for deletions, that have another {@code id} than before
     * @param undone changes that have arrived and that the database does not have
     * @param resyncs records that announce a loss, before all others and after the last undone one
     */
    record Result(int changes, int records, int duplicates, int renumbered, int undone, int resyncs) {}

    private final Stack stack;
    private final String topic;
    private final Primary primary;
    private final AtomicLong version = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();
    private final List<Thread> writers = new ArrayList<>();
    private AtomicBoolean writing = new AtomicBoolean();

    /** Creates the tables. The topic is one of this ledger alone. */
    VersionedLedger(Stack stack, String topicPrefix, Primary primary) throws SQLException {
        this.stack = stack;
        this.topic = topicPrefix + ".entries";
        this.primary = primary;
        execute(
                "CREATE TABLE entries (id int PRIMARY KEY, n bigint)",
                "CREATE TABLE ledger (line bigserial PRIMARY KEY, id int, event text, n bigint)");
    }

    /** Settings of a connector whose records {@link #compare} reads, besides those of the connection. */
    Map<String, String> settings() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("connector.class", "io.ectowatch.connect.EctoWatchSourceConnector");
        config.put("tasks.max", "1");
        config.put("topic.prefix", topic.substring(0, topic.lastIndexOf('.')));
        config.put("topic.format", "${prefix}.${table}");
        config.put("watchers", "entries");
        config.put("watchers.entries.table", "entries");
        config.put("watchers.entries.extra.columns", "n");
        config.put("producer.override.linger.ms", "0");
        return config;
    }

    /** Executes statements, each in a separate transaction. */
    void execute(String... statements) throws SQLException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The value of a query, as text. */
    String text(String query) throws SQLException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Waits until the triggers are there. */
    void awaitTriggers() {
        await().ignoreExceptions()
                .until(() ->
                        text("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'entries'::regclass AND tgname LIKE 'ectowatch.%'")
                                .equals("3"));
    }

    void startWriters() {
        AtomicBoolean running = new AtomicBoolean(true);
        writing = running;
        for (int i = 0; i < WRITERS; i++) {
            Thread thread = new Thread(() -> write(running, new Random()), "writer-" + i);
            thread.start();
            writers.add(thread);
        }
    }

    /** Ends the writers after their present transactions. */
    void stopWriters() throws InterruptedException {
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        writers.clear();
    }

    /** Waits until the writers have committed as many more transactions. */
    void awaitTransactions(int count) {
        long before = committed.get();
        await().atMost(TIMEOUT).until(() -> committed.get() >= before + count);
    }

    /** Waits until as many resyncs have arrived. */
    void awaitResyncs(int count) {
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            AtomicLong resyncs = new AtomicLong();
            await("resyncs: " + count).pollInSameThread().atMost(TIMEOUT).until(() -> {
                reader.poll(Duration.ofMillis(200)).stream()
                        .filter(record -> record.key() == null)
                        .forEach(record -> resyncs.incrementAndGet());
                return resyncs.get() >= count;
            });
        }
    }

    private void write(AtomicBoolean running, Random random) {
        while (running.get()) {
            try (Connection connection = primary.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (running.get()) {
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        change(statement, random);
                    }
                    if (random.nextInt(10) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                        committed.incrementAndGet();
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(10)));
                }
            } catch (SQLException e) {
                // A lost connection, or a deadlock.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    private void change(Statement statement, Random random) throws SQLException {
        int id = random.nextInt(KEYS);
        long n = version.incrementAndGet();
        String change =
                switch (random.nextInt(3)) {
                    case 0 ->
                        "INSERT INTO entries VALUES (" + id + ", " + n
                                + ") ON CONFLICT (id) DO NOTHING RETURNING id, 'inserted', n";
                    case 1 ->
                        "UPDATE entries SET n = " + n + " + id WHERE id BETWEEN " + id + " AND " + (id + 2)
                                + " RETURNING id, 'updated', n";
                    default -> "DELETE FROM entries WHERE id = " + id + " RETURNING id, 'deleted', n";
                };
        version.addAndGet(KEYS + 2);
        statement.execute("WITH changed (id, event, n) AS (" + change
                + ") INSERT INTO ledger (id, event, n) SELECT * FROM changed");
    }

    /** Ends the writers, waits for all records, and compares. Every change of the ledger must have arrived, in order. */
    Result compare() throws Exception {
        stopWriters();
        execute("INSERT INTO entries VALUES (" + LAST + ", 0)");
        Map<Integer, List<String>> expected = expected();
        Set<String> existing = new HashSet<>();
        expected.forEach((id, lines) -> lines.forEach(line -> existing.add(id + " " + line)));

        Map<Integer, List<String>> arrived = new HashMap<>();
        Map<String, String> ids = new HashMap<>();
        Map<String, String> lines = new HashMap<>();
        int records = 0;
        int renumbered = 0;
        int undone = 0;
        int resyncs = 0;
        boolean announced = true;
        for (ReceivedRecord record : received()) {
            if (record.key() == null) {
                assertThat(record.value().get("event").asText()).isEqualTo("resync");
                resyncs++;
                announced = true;
                continue;
            }
            records++;
            int id = record.key().get("id").asInt();
            String line = record.value().get("event").asText() + " "
                    + record.value().get("values").get("n").asLong();
            String changeOfId = ids.putIfAbsent(record.value().get("id").asText(), id + " " + line);
            assertThat(changeOfId == null ? id + " " + line : changeOfId)
                    .as("records with the same id are of the same change: %s", record)
                    .isEqualTo(id + " " + line);
            String before =
                    lines.putIfAbsent(id + " " + line, record.value().get("id").asText());
            if (before != null) {
                // The same row can be deleted twice: before a failover, and once more where this has not happened.
                boolean same = before.equals(record.value().get("id").asText()) || line.startsWith("deleted");
                renumbered += same ? 0 : 1;
                continue;
            }
            if (existing.contains(id + " " + line)) {
                arrived.computeIfAbsent(id, any -> new ArrayList<>()).add(line);
            } else {
                undone++;
                announced = false;
            }
        }
        Result result = new Result(existing.size(), records, records - lines.size(), renumbered, undone, resyncs);
        System.out.println(topic + ": " + result);
        assertThat(arrived).as("the changes of each key, in order").isEqualTo(expected);
        assertThat(announced)
                .as("a resync follows the changes that were published and undone")
                .isTrue();
        return result;
    }

    private Map<Integer, List<String>> expected() throws SQLException {
        Map<Integer, List<String>> expected = new HashMap<>();
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, event, n FROM ledger ORDER BY line")) {
            while (row.next()) {
                expected.computeIfAbsent(row.getInt(1), any -> new ArrayList<>())
                        .add(row.getString(2) + " " + row.getLong(3));
            }
        }
        return expected;
    }

    /** The records up to that of the last change. */
    private List<ReceivedRecord> received() {
        List<ReceivedRecord> received = new ArrayList<>();
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            long progress = System.nanoTime();
            while (System.nanoTime() - progress < TIMEOUT.toNanos()) {
                for (ReceivedRecord record : reader.poll(Duration.ofMillis(200))) {
                    progress = System.nanoTime();
                    if (record.key() != null && record.key().get("id").asInt() == LAST) {
                        return received;
                    }
                    received.add(record);
                }
            }
        }
        throw new AssertionError("the last change has not arrived; received: " + received.size() + " records");
    }

    @Override
    public void close() {
        writing.set(false);
    }
}
