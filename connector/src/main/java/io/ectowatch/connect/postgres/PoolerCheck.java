package io.ectowatch.connect.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Finds a connection pooler that gives each transaction another session. Settings, advisory locks, LISTEN and prepared
 * statements belong to a session, so the connector would lose them without an error.
 */
public final class PoolerCheck {

    /** With other clients, one comparison can miss it: the pooler may hand out any free session. */
    private static final int ROUNDS = 3;

    private PoolerCheck() {}

    /**
     * Compares the sessions of two connections. Both are in autocommit mode.
     *
     * @throws SettingException if they share a session, or one of them has several
     */
    public static void check(Connection first, Connection second) throws SQLException {
        int session = session(first);
        for (int round = 0; round < ROUNDS; round++) {
            if (session(second) == session || session(first) != session) {
                throw new SettingException(
                        "connection.url",
                        "A connection pooler between the worker and the server gives each transaction another session"
                                + " (pool_mode = transaction or statement). The connector needs sessions of its own."
                                + " Connect to PostgreSQL directly, or to a pooler in session mode.",
                        true,
                        new SQLException("shared session", SqlStates.CONNECTION_FAILED));
            }
        }
    }

    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }
}
