package io.ectowatch.connect.install.objects;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;

/**
 * The roles of a database that matter here.
 *
 * @param connected the role of the connector
 * @param superuser whether that role, or the login role, is a superuser: code in the session can reset to the login
 *     role
 * @param databaseOwner the owner of the database
 */
record Roles(String connected, boolean superuser, String databaseOwner) {

    private static final String DATABASE_OWNER = "pg_database_owner";

    private static final String QUERY = """
            SELECT r.rolname, r.rolsuper OR s.rolsuper, pg_get_userbyid(d.datdba)
            FROM pg_roles AS r JOIN pg_roles AS s ON s.rolname = session_user, pg_database AS d
            WHERE r.rolname = current_user AND d.datname = current_database()
            """;

    /** By OID, since resolving a name needs a privilege itself, and a table may have been dropped. */
    private static final String MAY_TRIGGER = """
            SELECT coalesce(bool_and(coalesce(has_table_privilege(?::name, t.oid, 'TRIGGER'), true)), false)
            FROM unnest(?::oid[]) AS t (oid)
            """;

    static Roles read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            row.next();
            return new Roles(row.getString(1), row.getBoolean(2), row.getString(3));
        }
    }

    /**
     * Whether a role could do the same without the connector's objects: then it gains nothing from the connector's
     * rights, or those of the writers.
     *
     * @param role may be any role
     * @param itsSuperuser whether that role is a superuser
     * @param tables the OIDs of the watched tables
     */
    boolean trust(Connection connection, String role, boolean itsSuperuser, Collection<Long> tables)
            throws SQLException {
        if (itsSuperuser || role.equals(connected)) {
            return true;
        }
        if (superuser) {
            return false;
        }
        return role.equals(databaseOwner) || role.equals(DATABASE_OWNER) || mayTrigger(connection, role, tables);
    }

    /** A role that may create triggers on all watched tables can run its own code in every writer's session. */
    private static boolean mayTrigger(Connection connection, String role, Collection<Long> tables) throws SQLException {
        Array oids = connection.createArrayOf("int8", tables.toArray());
        try (PreparedStatement statement = connection.prepareStatement(MAY_TRIGGER)) {
            statement.setString(1, role);
            statement.setArray(2, oids);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
