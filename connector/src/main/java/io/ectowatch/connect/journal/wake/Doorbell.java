package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.install.plan.AdvisoryLock;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.journal.state.RingValue;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Wakes a waiting task with NOTIFY, and only a waiting one, because commits that notify cannot share WAL flushes.
 * While the bell is armed, the ring's value has the bit {@link RingBits#ASLEEP} set, and this session holds an advisory lock,
 * which the server releases if the task dies. {@code src/model} has the protocol as a checked model.
 */
public final class Doorbell {

    /** The lock first: with the bit alone, writers would try the lock although no task waits. */
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
    private int rung;

    /** @param token the token of the task that owns the bell, see {@link OwnerFence} */
    public Doorbell(Connection connection, ObjectNames names, String token) throws SQLException {
        this.connection = connection;
        this.names = names;
        arm = connection.prepareStatement(
                ARM.formatted(names.bellKey(), RingValue.assign(names, token, "last_value | " + RingBits.ASLEEP)));
        disarm = connection.prepareStatement(DISARM.formatted(
                RingValue.assign(names, token, "last_value & ~" + RingBits.ASLEEP + "::int8"), names.bellKey()));
    }

    String connector() {
        return names.connector();
    }

    public void listen() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + SqlText.identifier(names.channel()));
        }
    }

    /**
     * Makes triggers notify from now on. A transaction that found the bell unarmed has taken its number before, so it
     * is lower than {@link ReadState#nextTransaction} of any read from now on.
     *
     * @return false if the lock is not available now: another task waits, or a writer tries it
     */
    public boolean arm() throws SQLException {
        try (ResultSet row = arm.executeQuery()) {
            row.next();
            armed = row.getBoolean(1);
        }
        return armed;
    }

    /** A description of the sessions that hold the bell's lock. */
    String holders() throws SQLException {
        return AdvisoryLock.bell(names).holders(connection).all();
    }

    /** Waits for a notification, up to the given time; returns whether one came. */
    boolean await(int milliseconds) throws SQLException {
        PGNotification[] rings = connection.unwrap(PGConnection.class).getNotifications(milliseconds);
        int count = rings == null ? 0 : rings.length;
        rung += count;
        return count > 0;
    }

    /** How many notifications have come since the last call. */
    public int takeRings() {
        int taken = rung;
        rung = 0;
        return taken;
    }

    public void disarm() throws SQLException {
        if (armed) {
            disarm.execute();
            armed = false;
        }
    }
}
