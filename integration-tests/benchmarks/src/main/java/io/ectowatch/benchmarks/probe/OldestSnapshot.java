package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;

/** Samples the age of the oldest transaction of a contender that holds a snapshot: VACUUM keeps what it can see. */
public final class OldestSnapshot implements AutoCloseable {

    private static final int INTERVAL_MILLIS = 10;

    private static final String AGE = """
            SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
            FROM pg_stat_activity
            WHERE backend_type IN ('client backend', 'walsender') AND application_name <> '%s' AND backend_xmin IS NOT NULL
            """.formatted(Environment.SESSION_NAME);

    private final Connection connection;
    private final Thread thread = new Thread(this::sample, "oldest snapshot");
    private final AtomicReference<SQLException> failure = new AtomicReference<>();
    private volatile double oldest;
    private volatile boolean ended;

    private OldestSnapshot(Connection connection) {
        this.connection = connection;
    }

    /** Starts to sample. The caller closes it. */
    public static OldestSnapshot in(Environment environment) throws SQLException {
        OldestSnapshot oldest = new OldestSnapshot(environment.connect());
        oldest.thread.start();
        return oldest;
    }

    private void sample() {
        try (connection;
                PreparedStatement age = connection.prepareStatement(AGE)) {
            while (!ended) {
                try (ResultSet row = age.executeQuery()) {
                    row.next();
                    oldest = Math.max(oldest, row.getDouble(1));
                }
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (SQLException e) {
            failure.set(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The maximum age so far, in seconds. */
    public double seconds() throws SQLException {
        if (failure.get() != null) {
            throw failure.get();
        }
        return oldest;
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
