package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Wakes a sleeping task by NOTIFY, and only a sleeping one: a NOTIFY keeps the commits of its writers from sharing their
 * flushes. While armed, the value of the ring has the bit {@link #ARMED}, and this session holds an advisory lock that
 * the server frees if the task dies. {@code src/model} has the protocol as a checked model.
 */
final class Doorbell {

    static final long ARMED = 4;

    private final Connection connection;
    private final ObjectNames names;
    private boolean armed;

    Doorbell(Connection connection, ObjectNames names) {
        this.connection = connection;
        this.names = names;
    }

    void listen() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + SqlText.identifier(names.channel()));
        }
    }

    /**
     * Tells triggers to ring from now on.
     *
     * @return a transaction number: every transaction that may have found the bell unarmed has a lower one. 0 when the
     *     lock is not to be had just now
     */
    long arm(String token) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + names.bellKey() + ")")) {
            row.next();
            armed = row.getBoolean(1);
        }
        if (!armed) {
            return 0;
        }
        setRing(connection, names, token, "last_value | " + ARMED);
        // In a transaction of its own, after the bell is armed. A snapshot's list of transactions in progress would not
        // do: it ends at the highest one that has ended, and those above it may be in progress as well.
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text::int8")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Sleeps until somebody rings, at most so long; returns whether anybody did. */
    boolean await(int milliseconds) throws SQLException {
        PGNotification[] rings = connection.unwrap(PGConnection.class).getNotifications(milliseconds);
        return rings != null && rings.length > 0;
    }

    void disarm(String token) throws SQLException {
        if (!armed) {
            return;
        }
        setRing(connection, names, token, "last_value & ~" + ARMED + "::int8");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock(" + names.bellKey() + ")");
        }
        armed = false;
    }

    /**
     * Changes the value that tells triggers where to write, if the task still owns the journal.
     *
     * @param value an SQL expression over {@code last_value}
     */
    static void setRing(Connection connection, ObjectNames names, String token, String value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT setval(" + SqlText.literal(names.ring()) + ", " + value + ") FROM " + names.ring()
                    + " WHERE EXISTS (SELECT FROM " + names.owner() + " WHERE token = '" + token + "')");
        }
    }
}
