package io.ectowatch.benchmarks.probe;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Concurrent writers for machines without pgbench: threads repeat a statement. Prints the rate of each second,
 * and the number of transactions at the end. */
final class WriterProcess {

    /** The environment variable with the password, which pgbench reads too. */
    static final String PASSWORD = "PGPASSWORD";

    private WriterProcess() {}

    /** @param arguments URL, user, statement, number of writers, seconds */
    public static void main(String[] arguments) throws Exception {
        int writers = Integer.parseInt(arguments[3]);
        int seconds = Integer.parseInt(arguments[4]);
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            connections.add(DriverManager.getConnection(
                    arguments[0] + "?ApplicationName=" + System.getenv("PGAPPNAME"),
                    arguments[1],
                    System.getenv(PASSWORD)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        LongAdder count = new LongAdder();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<Future<Void>> ends = new ArrayList<>();
        for (Connection connection : connections) {
            ends.add(threads.submit(() -> write(connection, arguments[2], end, count)));
        }
        long before = 0;
        long since = System.nanoTime();
        for (int second = 1; second <= seconds; second++) {
            Thread.sleep(1_000);
            long now = System.nanoTime();
            long sum = count.sum();
            System.out.printf(Locale.ROOT, "progress: %d s, %.1f tps%n", second, (sum - before) * 1e9 / (now - since));
            before = sum;
            since = now;
        }
        for (Future<Void> writer : ends) {
            writer.get();
        }
        threads.shutdown();
        System.out.printf(Locale.ROOT, "number of transactions actually processed: %d%n", count.sum());
    }

    private static Void write(Connection connection, String sql, long end, LongAdder count) throws SQLException {
        try (connection;
                PreparedStatement statement = connection.prepareStatement(sql)) {
            while (System.nanoTime() - end < 0) {
                statement.execute();
                count.increment();
            }
        }
        return null;
    }
}
