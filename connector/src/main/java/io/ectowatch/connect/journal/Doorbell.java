package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.AdvisoryLock;
import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
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

    /** The lock first: the bit alone would have writers try a lock for nobody. */
    private static final String ARM = """
            WITH bell AS MATERIALIZED (SELECT pg_try_advisory_lock(%s) AS taken)
            SELECT taken, CASE WHEN taken THEN (%s) END FROM bell
            """;

    private static final String DISARM = """
            WITH ring AS MATERIALIZED (SELECT (%s) AS value)
            SELECT value, pg_advisory_unlock(%s) FROM ring
            """;

    private final Connection connection;
    private final ObjectNames names;
    private final PreparedStatement arm;
    private final PreparedStatement disarm;
    private boolean armed;

    /** {@code token}: whose bell it is, see {@link Ownership}. */
    Doorbell(Connection connection, ObjectNames names, String token) throws SQLException {
        this.connection = connection;
        this.names = names;
        arm = connection.prepareStatement(ARM.formatted(names.bellKey(), set(names, token, "last_value | " + ARMED)));
        disarm = connection.prepareStatement(
                DISARM.formatted(set(names, token, "last_value & ~" + ARMED + "::int8"), names.bellKey()));
    }

    void listen() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + SqlText.identifier(names.channel()));
        }
    }

    /**
     * Tells triggers to ring from now on. A transaction that has found the bell unarmed has drawn its number before, and so
     * a lower one than {@link JournalState#nextTransaction} is in any look from now on.
     *
     * @return false when the lock is not to be had just now: another task sleeps, or a writer tries it
     */
    boolean arm() throws SQLException {
        try (ResultSet row = arm.executeQuery()) {
            row.next();
            armed = row.getBoolean(1);
        }
        return armed;
    }

    /** Who keeps the bell from being armed, described. */
    String holders() throws SQLException {
        return AdvisoryLock.bell(names).holders(connection).all();
    }

    /** Sleeps until somebody rings, at most so long; returns whether anybody did. */
    boolean await(int milliseconds) throws SQLException {
        PGNotification[] rings = connection.unwrap(PGConnection.class).getNotifications(milliseconds);
        return rings != null && rings.length > 0;
    }

    void disarm() throws SQLException {
        if (armed) {
            disarm.execute();
            armed = false;
        }
    }

    /**
     * Changes the value that tells triggers where to write, if the task still owns the journal.
     *
     * @param value an SQL expression over {@code last_value}
     */
    static void setRing(Connection connection, ObjectNames names, String token, String value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(set(names, token, value));
        }
    }

    private static String set(ObjectNames names, String token, String value) {
        return "SELECT setval(" + SqlText.literal(names.ring()) + ", " + value + ") FROM " + names.ring()
                + " WHERE EXISTS (SELECT FROM " + names.owner() + " WHERE token = '" + token + "')";
    }
}
