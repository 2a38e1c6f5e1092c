package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Tells triggers which journal table to write to: one of the ring's three, or a further one, see {@link JournalTables}.
 * {@code src/model} has the order of its steps as a checked model.
 */
final class Ring {

    /** No table: the journal is suspended. */
    static final int SUSPENDED = -1;

    /** The ring's own value while a further table is written to, or none. */
    private static final int NONE_OF_THREE = 3;

    private final Connection connection;
    private final ObjectNames names;
    private final String token;

    /** {@code token}: of the task that turns it, see {@link Ownership}. */
    Ring(Connection connection, ObjectNames names, String token) {
        this.connection = connection;
        this.names = names;
        this.token = token;
    }

    /** The number of the table that is written to, by the value of {@link JournalState#ring}, or {@link #SUSPENDED}. */
    static int table(long ring) {
        int low = (int) (ring & 3);
        int spare = (int) (ring >> 4);
        return low < NONE_OF_THREE ? low : spare > 0 ? spare : SUSPENDED;
    }

    /**
     * Lets triggers write to the second table from now on, if they write to the first one: what was last seen may be a
     * while ago, and a journal that has been suspended since stays so. A bell that a killed task has left armed is disarmed.
     */
    void turn(int from, int to) throws SQLException {
        int low = Math.min(from, NONE_OF_THREE);
        if (to >= NONE_OF_THREE) {
            // Before the ring: a trigger that finds none of the three, and no further one, takes it for suspended.
            setSpare(
                    to,
                    "(SELECT last_value & 3 FROM " + names.ring() + ") = " + low
                            + (from < NONE_OF_THREE ? "" : " AND last_value = " + from));
        }
        String still = from < NONE_OF_THREE || to >= NONE_OF_THREE
                ? "last_value & 3 = " + low
                : "last_value & 3 = 3 AND (SELECT last_value FROM " + names.spare() + ") = " + from;
        Doorbell.setRing(
                connection,
                names,
                token,
                "CASE WHEN " + still + " THEN " + Math.min(to, NONE_OF_THREE) + " ELSE last_value END");
        // Turned back, the further table's number stays: a trigger may have seen the ring's value of before.
    }

    /** Lets triggers write to one of the three again, after the journal was suspended. */
    void resume(int to) throws SQLException {
        Doorbell.setRing(connection, names, token, Integer.toString(to));
    }

    private void setSpare(int value, String condition) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT setval(" + SqlText.literal(names.spare()) + ", " + value + ") FROM "
                    + names.spare() + " WHERE " + condition + " AND EXISTS (SELECT FROM " + names.owner()
                    + " WHERE token = '" + token + "')");
        }
    }
}
