package io.ectowatch.it.bench;

import io.ectowatch.it.Stack;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What concurrent writers pay: how many one-row transactions a second they commit into a watched table and into a plain
 * one, turn about in one run, first with the connector running on the same machine, then without it. Settings:
 * {@code -Dbench.writers} (16), {@code -Dbench.seconds} (of a round, 5), {@code -Dbench.rounds} (5).
 */
final class WritersBench {

    private static final String WATCHED = "watched";
    private static final String PLAIN = "plain";

    private final Stack stack;
    private final int writers = Integer.getInteger("bench.writers", 16);
    private final int seconds = Integer.getInteger("bench.seconds", 5);
    private final int rounds = Integer.getInteger("bench.rounds", 5);

    WritersBench(Stack stack) {
        this.stack = stack;
    }

    void run() throws Exception {
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement()) {
            for (String table : new String[] {WATCHED, PLAIN}) {
                statement.execute("CREATE TABLE %s (id bigserial PRIMARY KEY, words text)".formatted(table));
            }
        }
        Bench.watch(stack, WATCHED);
        System.out.printf(
                "One-row inserts of %d writers, %s delivery, %d rounds of %d s each, transactions/s%n%n",
                writers, Bench.delivery(), rounds, seconds);
        report("connector running");
        stack.connect().rest().delete("bench");
        report("connector deleted, triggers in place");
    }

    private void report(String state) throws Exception {
        Samples watched = new Samples();
        Samples plain = new Samples();
        write(WATCHED);
        write(PLAIN);
        for (int round = 1; round <= rounds; round++) {
            watched.add(write(WATCHED));
            plain.add(write(PLAIN));
        }
        System.out.printf("%s: medians of the rounds (least to greatest)%n", state);
        System.out.printf("triggers  %s%n", watched.summary());
        System.out.printf("none      %s%n", plain.summary());
        System.out.printf(Locale.ROOT, "triggers / none: %.2f%n%n", watched.median() / plain.median());
    }

    private double write(String table) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            List<Future<Long>> counts = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                counts.add(threads.submit(() -> write(table, end)));
            }
            long sum = 0;
            for (Future<Long> count : counts) {
                sum += count.get();
            }
            return (double) sum / seconds;
        } finally {
            threads.shutdown();
        }
    }

    private long write(String table, long end) throws SQLException {
        long count = 0;
        try (Connection connection = stack.postgres().connect();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + table + " (words) VALUES ('a')")) {
            while (System.nanoTime() - end < 0) {
                insert.execute();
                count++;
            }
        }
        return count;
    }
}
