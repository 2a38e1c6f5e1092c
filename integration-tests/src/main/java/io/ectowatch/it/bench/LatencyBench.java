package io.ectowatch.it.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.it.ReceivedRecord;
import io.ectowatch.it.Stack;
import io.ectowatch.it.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * From commit to consumption at a steady rate: the connector next to a {@link BareLoop}, turn about in one run. The clock
 * starts right before COMMIT is sent, so the server's own fsync is within both. Settings: {@code -Dbench.rate} (changes a
 * second, 50), {@code -Dbench.seconds} (of a round, 10), {@code -Dbench.rounds} (5).
 */
final class LatencyBench {

    private static final String WATCHED = "watched";
    private static final String BARE = "bare";

    private static final int WARM_UP_ROUNDS = 2;
    private static final int WARM_UP_FACTOR = 4;

    private final Stack stack;
    private final int rate = Integer.getInteger("bench.rate", 50);
    private final int seconds = Integer.getInteger("bench.seconds", 10);
    private final int rounds = Integer.getInteger("bench.rounds", 5);

    LatencyBench(Stack stack) {
        this.stack = stack;
    }

    void run() throws SQLException {
        createTables();
        String bootstrapServers = stack.kafka().bootstrapServers();
        try (Connection connection = stack.postgres().connect();
                BareLoop bareLoop = new BareLoop(stack.postgres().connect(), BARE, bootstrapServers);
                TopicReader reader = TopicReader.of(bootstrapServers, "ectowatch." + WATCHED + ".inserted", BARE)) {
            bareLoop.start();
            Bench.watch(stack, WATCHED);
            connection.setAutoCommit(false);
            System.out.printf(
                    "Commit to consumption at %d changes/s, %d rounds of %d s each, in ms%n%n", rate, rounds, seconds);
            // The just-in-time compilers of three JVMs must have done their work before anything is worth its number.
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                measure(connection, reader, WATCHED, rate * WARM_UP_FACTOR);
                measure(connection, reader, BARE, rate * WARM_UP_FACTOR);
            }
            report(connection, reader);
        }
    }

    private void report(Connection connection, TopicReader reader) throws SQLException {
        Map<String, Samples> medians = new HashMap<>();
        Map<String, Samples> tails = new HashMap<>();
        System.out.printf("%-8s %-10s %8s %8s%n", "round", "path", "p50", "p99");
        for (int round = 1; round <= rounds; round++) {
            for (String table : new String[] {WATCHED, BARE}) {
                Samples samples = measure(connection, reader, table, rate);
                System.out.printf(
                        Locale.ROOT,
                        "%-8d %-10s %8.2f %8.2f%n",
                        round,
                        name(table),
                        samples.median(),
                        samples.percentile(0.99));
                medians.computeIfAbsent(table, key -> new Samples()).add(samples.median());
                tails.computeIfAbsent(table, key -> new Samples()).add(samples.percentile(0.99));
            }
        }
        System.out.printf("%nMedians of the rounds (least to greatest):%n");
        for (String table : new String[] {WATCHED, BARE}) {
            System.out.printf(
                    "%-10s p50 %s   p99 %s%n",
                    name(table), medians.get(table).summary(), tails.get(table).summary());
        }
        System.out.printf(
                Locale.ROOT,
                "connector / bare: p50 %.2f, p99 %.2f%n",
                medians.get(WATCHED).median() / medians.get(BARE).median(),
                tails.get(WATCHED).median() / tails.get(BARE).median());
    }

    private static String name(String table) {
        return table.equals(WATCHED) ? "connector" : "bare loop";
    }

    /** One round on one table: a row at a time, and the wait for all of its records. */
    private Samples measure(Connection connection, TopicReader reader, String table, int perSecond)
            throws SQLException {
        Map<Long, Long> committing = new HashMap<>();
        Samples samples = new Samples();
        int changes = perSecond * seconds;
        long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long begin = System.nanoTime();
        try (Statement statement = connection.createStatement()) {
            for (int number = 0; number < changes; number++) {
                receiveUntil(begin + number * interval, reader, committing, samples);
                long id = insert(statement, table);
                committing.put(id, System.nanoTime());
                connection.commit();
            }
        }
        long deadline = System.nanoTime() + TopicReader.PATIENCE.toNanos();
        while (!committing.isEmpty() && System.nanoTime() < deadline) {
            receiveUntil(System.nanoTime() + interval, reader, committing, samples);
        }
        if (!committing.isEmpty()) {
            throw new IllegalStateException(
                    "%d of %d changes of %s did not arrive".formatted(committing.size(), changes, table));
        }
        return samples;
    }

    private static void receiveUntil(long deadline, TopicReader reader, Map<Long, Long> committing, Samples samples) {
        for (long left = deadline - System.nanoTime(); left > 0; left = deadline - System.nanoTime()) {
            for (ReceivedRecord record : reader.poll(Duration.ofNanos(left))) {
                JsonNode key = record.key();
                Long began = committing.remove(key.isObject() ? key.get("id").asLong() : key.asLong());
                if (began != null) {
                    samples.add((record.receivedAt() - began) / 1e6);
                }
            }
        }
    }

    private static long insert(Statement statement, String table) throws SQLException {
        try (ResultSet result = statement.executeQuery("INSERT INTO " + table + " (n) VALUES (1) RETURNING id")) {
            result.next();
            return result.getLong(1);
        }
    }

    private void createTables() throws SQLException {
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    CREATE TABLE watched (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
                    CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
                    CREATE FUNCTION notify_bare() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        PERFORM pg_notify('bare', NEW.id::text);
                        RETURN NULL;
                    END $$;
                    CREATE TRIGGER notify AFTER INSERT ON bare FOR EACH ROW EXECUTE FUNCTION notify_bare();
                    """);
        }
    }
}
