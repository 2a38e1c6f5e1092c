package io.ectowatch.it.bench;

import io.ectowatch.it.Stack;
import io.ectowatch.it.TopicReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;

/**
 * One INSERT of many rows, with the connector's triggers and without, turn about in one run. Settings: {@code -Dbench.rows}
 * (500000), {@code -Dbench.rounds} (5).
 */
final class BulkBench {

    private static final String WATCHED = "watched";
    private static final String PLAIN = "plain";
    private static final Duration QUIET = Duration.ofSeconds(3);

    private final Stack stack;
    private final int rows = Integer.getInteger("bench.rows", 500_000);
    private final int rounds = Integer.getInteger("bench.rounds", 5);

    BulkBench(Stack stack) {
        this.stack = stack;
    }

    void run() throws SQLException {
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement();
                TopicReader reader = TopicReader.of(
                        stack.kafka().bootstrapServers(),
                        "ectowatch." + WATCHED + ".inserted",
                        "ectowatch." + WATCHED + ".resync")) {
            for (String table : new String[] {WATCHED, PLAIN}) {
                statement.execute("CREATE TABLE %s (id int PRIMARY KEY, number int NOT NULL, words text NOT NULL)"
                        .formatted(table));
            }
            Bench.watch(stack, WATCHED);
            System.out.printf(Locale.ROOT, "One INSERT of %,d rows, %d rounds, in s%n%n", rows, rounds);
            insert(statement, WATCHED);
            untilQuiet(reader);
            insert(statement, PLAIN);
            report(statement, reader);
        }
    }

    private void report(Statement statement, TopicReader reader) throws SQLException {
        Samples watched = new Samples();
        Samples plain = new Samples();
        System.out.printf("%-8s %10s %10s %18s%n", "round", "triggers", "none", "records consumed");
        for (int round = 1; round <= rounds; round++) {
            double withTriggers = insert(statement, WATCHED);
            long records = untilQuiet(reader);
            double without = insert(statement, PLAIN);
            System.out.printf(Locale.ROOT, "%-8d %10.2f %10.2f %,18d%n", round, withTriggers, without, records);
            watched.add(withTriggers);
            plain.add(without);
        }
        System.out.printf("%nMedians of the rounds (least to greatest):%n");
        System.out.printf("triggers  %s%n", watched.summary());
        System.out.printf("none      %s%n", plain.summary());
        System.out.printf(Locale.ROOT, "triggers / none: %.2f%n", watched.median() / plain.median());
    }

    /** Empties the table, fills it and returns the seconds that the filling took. */
    private double insert(Statement statement, String table) throws SQLException {
        statement.execute("TRUNCATE " + table);
        statement.execute("CHECKPOINT");
        long begin = System.nanoTime();
        statement.execute("INSERT INTO %s SELECT i, i %% 1000, 'row number ' || i FROM generate_series(1, %d) i"
                .formatted(table, rows));
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Waits until no more records come, so that nothing of one round runs into the next, and returns how many came. */
    private static long untilQuiet(TopicReader reader) {
        long records = 0;
        for (int batch = 1; batch > 0; records += batch) {
            batch = reader.poll(QUIET).size();
        }
        return records;
    }
}
