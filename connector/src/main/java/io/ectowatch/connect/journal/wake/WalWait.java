package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.postgres.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Waits on the server until any session has written WAL, as every commit of a change does. It takes no lock, and is one
 * statement however often the server looks.
 */
final class WalWait {

    /**
     * One wait is shorter than the limits at which operators usually have slow statements logged
     * (log_min_duration_statement).
     */
    static final int LONGEST_MS = 90;

    /** Reads the position after each pause: CASE keeps the order. */
    private static final String WAIT = """
            WITH RECURSIVE look (pauses, written) AS (
                SELECT 0, pg_current_wal_insert_lsn()
                UNION ALL
                SELECT pauses + 1,
                       CASE WHEN pg_sleep(?::float8 / 1000) IS NOT NULL THEN pg_current_wal_insert_lsn() END
                FROM look
                WHERE written <= ?::text::pg_lsn AND pauses < ?::int4)
            SELECT max(written) - '0/0'::pg_lsn FROM look
            """;

    private static final String ALLOWED = "SELECT has_function_privilege('pg_sleep(float8)', 'EXECUTE')"
            + " AND has_function_privilege('pg_current_wal_insert_lsn()', 'EXECUTE')";

    private final PreparedStatement wait;

    WalWait(Connection connection) throws SQLException {
        wait = connection.prepareStatement(WAIT);
    }

    /** Whether the role may call what the wait needs: some servers revoke pg_sleep from PUBLIC. */
    static boolean isAllowed(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ALLOWED);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /**
     * Waits until the WAL has been written beyond {@code position}, for at most {@link #LONGEST_MS}.
     *
     * @param stepMs how often the server looks
     * @return how far the WAL has been written
     */
    long beyond(long position, int stepMs) throws SQLException {
        wait.setDouble(1, stepMs);
        wait.setString(2, Lsn.text(position));
        wait.setInt(3, LONGEST_MS / stepMs);
        try (ResultSet row = wait.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
