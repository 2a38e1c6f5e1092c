package io.ectowatch.it.bench.probe;

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

/** The writers where there is no pgbench: the same statement again and again by many threads, and their rate at the end. */
final class WriterProcess {

    /** The environment variable with the password, by the name that pgbench knows too. */
    static final String PASSWORD = "PGPASSWORD";

    private WriterProcess() {}

    /** URL, user, statement, number of writers, seconds. */
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
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(seconds);
        List<Future<Long>> counts = new ArrayList<>();
        for (Connection connection : connections) {
            counts.add(threads.submit(() -> write(connection, arguments[2], end)));
        }
        long sum = 0;
        for (Future<Long> count : counts) {
            sum += count.get();
        }
        System.out.printf(Locale.ROOT, "tps = %.1f%n", sum / ((System.nanoTime() - begin) / 1e9));
        threads.shutdown();
    }

    private static long write(Connection connection, String sql, long end) throws SQLException {
        long count = 0;
        try (connection;
                PreparedStatement statement = connection.prepareStatement(sql)) {
            while (System.nanoTime() - end < 0) {
                statement.execute();
                count++;
            }
        }
        return count;
    }
}
