package io.ectowatch.connect.journal.maintenance;

import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.journal.state.RingValue;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Tells triggers which journal table to write to: one of the ring's three, or an additional one, see {@code
 * JournalTables}. {@code src/model} has the order of its steps as a checked model.
 */
final class Ring {

    /** No table: the journal is suspended. */
    static final int SUSPENDED = -1;

    /** The number of the ring's table, as SQL over the sequence. */
    private static final String TABLE = "last_value & " + RingBits.TABLE;

    private final Connection connection;
    private final ObjectNames names;
    private final String token;

    /** @param token the token of the task that rotates it, see {@link OwnerFence} */
    Ring(Connection connection, ObjectNames names, String token) {
        this.connection = connection;
        this.names = names;
        this.token = token;
    }

    /**
     * The number of the table that is written to, from the value of {@link ReadState#ring}, or {@link #SUSPENDED}.
     */
    static int table(long ring) {
        int table = RingBits.table(ring);
        int spare = RingBits.spare(ring);
        return table != RingBits.NO_TABLE ? table : spare > 0 ? spare : SUSPENDED;
    }

    /**
     * Rotates: triggers write to the second table from now on, if they write to the first one. The last read may be a
     * while ago, and a journal that was suspended since stays suspended. Disarms a bell that a killed task has left
     * armed.
     */
    void rotate(int from, int to) throws SQLException {
        int low = Math.min(from, RingBits.NO_TABLE);
        if (to >= RingBits.NO_TABLE) {
            // Before the ring: a trigger that finds neither one of the three nor a spare table assumes that it
            // is suspended.
            setSpare(
                    to,
                    "(SELECT " + TABLE + " FROM " + names.ring() + ") = " + low
                            + (from < RingBits.NO_TABLE ? "" : " AND last_value = " + from));
        }
        String still = from < RingBits.NO_TABLE || to >= RingBits.NO_TABLE
                ? TABLE + " = " + low
                : TABLE + " = " + RingBits.NO_TABLE + " AND (SELECT last_value FROM " + names.spare() + ") = " + from;
        RingValue.set(
                connection,
                names,
                token,
                "CASE WHEN " + still + " THEN " + Math.min(to, RingBits.NO_TABLE) + " ELSE last_value END");
        // When rotating back, keep the spare table's number: a trigger may have read the ring's previous value.
    }

    /** Lets triggers write to one of the three tables again, after the journal was suspended. */
    void resume(int to) throws SQLException {
        RingValue.set(connection, names, token, Integer.toString(to));
    }

    private void setSpare(int value, String condition) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT setval(" + SqlText.literal(names.spare()) + ", " + value + ") FROM "
                    + names.spare() + " WHERE " + condition + " AND EXISTS (SELECT FROM " + names.owner()
                    + " WHERE token = '" + token + "')");
        }
    }
}
