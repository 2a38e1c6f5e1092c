package io.ectowatch.connect.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Runs {@code SET ROLE} for a session: that role owns the objects that the session creates, whichever role has logged
 * in.
 */
final class SessionRole {

    private SessionRole() {}

    /** Throws a {@link SettingException} with what to do, if the role that logged in must not become {@code role}. */
    static void take(Statement statement, String role) throws SQLException {
        try {
            statement.execute("SET ROLE " + SqlText.identifier(role));
        } catch (SQLException e) {
            throw explained(statement, role, e);
        }
    }

    private static SQLException explained(Statement statement, String role, SQLException refusal) throws SQLException {
        String query = "SELECT pg_catalog.quote_ident(session_user), r.oid IS NOT NULL,"
                + " r.oid IS NOT NULL AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')"
                + " FROM (SELECT) AS here LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = " + SqlText.literal(role);
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            String login = row.getString(1);
            String name = SqlText.identifier(role);
            if (!row.getBoolean(2)) {
                return refused(
                        "Role " + name + " does not exist. Create it: CREATE ROLE " + name + " NOLOGIN; GRANT " + name
                                + " TO " + login + ";",
                        refusal);
            }
            // Since PostgreSQL 16 a membership does not always include SET ROLE.
            return refused(
                    "Role " + login + " is not allowed to SET ROLE to " + name + ". Run: GRANT " + name + " TO " + login
                            + (row.getBoolean(3) ? " WITH SET TRUE;" : ";"),
                    refusal);
        }
    }

    /** A permanent error: only a GRANT helps. */
    private static SettingException refused(String message, SQLException cause) {
        return new SettingException("connection.role", message, true, cause);
    }
}
