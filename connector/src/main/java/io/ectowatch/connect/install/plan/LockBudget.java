package io.ectowatch.connect.install.plan;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/**
 * Limits how long one step makes writers wait, however many tables and partitions it locks. {@code lock_timeout}
 * alone limits each single wait: a step that waits for forty partitions one after another holds the first one's lock
 * for forty times as long. So the {@code statement_timeout} of each statement is the rest of the limit.
 */
final class LockBudget {

    /** The time for the work itself, per trigger and table: a fraction of a millisecond, more on a busy server. */
    private static final long WORK_MS = 5;

    /**
     * After so many attempts, the time for the work doubles with each attempt, so that a slow server gets its
     * triggers, too.
     */
    private static final int ATTEMPTS = 5;

    private static final int MOST_DOUBLINGS = 6;

    private static final String TABLES =
            "SELECT count(*) FROM (SELECT unnest(?::oid[]) UNION (" + Installer.PARTITIONS + ")) AS locked";

    private final boolean limited;
    private final long untilNs;

    private LockBudget(boolean limited, long milliseconds) {
        this.limited = limited;
        untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }

    /**
     * Starts now.
     *
     * @param waitMs the longest total wait of the step for all its locks, in milliseconds
     * @param failures how many attempts have run out of time before
     */
    static LockBudget begin(Connection connection, Step step, int waitMs, int failures) throws SQLException {
        long triggers = step.statements().stream()
                .filter(statement -> statement.contains("TRIGGER"))
                .count();
        long tables = tables(connection, step);
        long work = tables * Math.max(1, triggers) * WORK_MS;
        // For a single table, lock_timeout is the limit: there is only one wait.
        return new LockBudget(
                tables > 1, waitMs + (work << Math.min(Math.max(0, failures - ATTEMPTS), MOST_DOUBLINGS)));
    }

    private static long tables(Connection connection, Step step) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            Array tables = connection.createArrayOf("int8", step.lockedTables().toArray());
            statement.setArray(1, tables);
            statement.setArray(2, tables);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Limits the transaction's next statement to the remaining time. */
    void apply(Statement statement) throws SQLException {
        if (!limited) {
            return;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(untilNs - System.nanoTime());
        statement.execute("SET LOCAL statement_timeout = " + Math.max(1, left));
    }
}
