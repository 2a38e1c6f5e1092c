package io.ectowatch.connect.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Compares the connection limits of the role and the database with what a connector needs. */
public final class SessionLimits {

    /** One session reads or listens; the other installs, and reads the catalog from time to time. */
    static final int NEEDED = 2;

    static final String ADVICE = "A connector needs " + NEEDED
            + " sessions, and one more while a configuration is validated. Raise the limit with ALTER ROLE or"
            + " ALTER DATABASE ... CONNECTION LIMIT.";

    /** Superusers have no limit. */
    private static final String QUERY = """
            SELECT quote_ident(r.rolname), r.rolconnlimit, quote_ident(d.datname), d.datconnlimit
            FROM pg_roles AS r, pg_database AS d
            WHERE r.rolname = session_user AND NOT r.rolsuper AND d.datname = current_database()
            """;

    private SessionLimits() {}

    /** Throws a {@link SettingException} if a limit is too low for a connector to work. */
    public static void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            if (row.next()) {
                check("connection.user", "Role " + row.getString(1), row.getInt(2));
                check("connection.url", "Database " + row.getString(3), row.getInt(4));
            }
        }
    }

    private static void check(String setting, String whose, int limit) throws SettingException {
        if (limit >= 0 && limit < NEEDED) {
            throw new SettingException(
                    setting,
                    whose + " has CONNECTION LIMIT " + limit + ". " + ADVICE,
                    true,
                    new SQLException("too few connections", SqlStates.TOO_MANY_CONNECTIONS));
        }
    }
}
