package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Changes the value that tells triggers where to write, if the task still owns the journal. */
public final class RingValue {

    private RingValue() {}

    /**
     * The statement that does it: one row, or none if another task owns the journal.
     *
     * @param token the token of the task, see {@link OwnerFence}
     * @param value an SQL expression over {@code last_value}
     */
    public static String assign(ObjectNames names, String token, String value) {
        return "SELECT setval(" + SqlText.literal(names.ring()) + ", " + value + ") FROM " + names.ring()
                + " WHERE EXISTS (SELECT FROM " + names.owner() + " WHERE token = '" + token + "')";
    }

    /** Executes {@link #assign}. */
    public static void set(Connection connection, ObjectNames names, String token, String value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(assign(names, token, value));
        }
    }
}
