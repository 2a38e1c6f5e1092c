package io.ectowatch.connect.catalog;

import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The roles whose code may run with the rights of the triggers' functions: superusers, who have these rights anyway,
 * and the role that owns the functions.
 *
 * @param role the name of that role
 */
public record Trust(String role) {

    /** Resolves {@code pg_database_owner}, which owns the schema {@code public} since PostgreSQL 15. */
    private static final String ROLE = """
            EXISTS (SELECT FROM pg_catalog.pg_roles AS trusted
                    WHERE (trusted.rolsuper OR trusted.rolname = ${role})
                      AND trusted.oid = CASE WHEN ${oid} = pg_catalog.to_regrole('pg_database_owner')
                                             THEN (SELECT d.datdba FROM pg_catalog.pg_database AS d
                                                   WHERE d.datname = pg_catalog.current_database())
                                             ELSE ${oid} END)""";

    /**
     * The owner of the triggers' functions in a schema or, before they are installed, of the schema. No row, or null,
     * if the functions have several owners or the schema does not exist.
     */
    private static final String OWNER = """
            SELECT pg_catalog.pg_get_userbyid(
                       CASE f.owners WHEN 0 THEN n.nspowner WHEN 1 THEN f.owner END)
            FROM pg_catalog.pg_namespace AS n,
                 LATERAL (SELECT count(DISTINCT p.proowner) AS owners, min(p.proowner) AS owner
                          FROM pg_catalog.pg_proc AS p
                          WHERE p.pronamespace = n.oid AND p.prosecdef
                            AND p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype) AS f
            WHERE n.nspname = ?
            """;

    /**
     * The roles to trust if the connector's objects are in that schema: the connector's own role if it installs them,
     * otherwise the role that installed them. The role is empty if only superusers are trusted.
     */
    public static Trust read(Connection connection, String ownSchema, String connectedRole, boolean installing)
            throws SQLException {
        if (installing) {
            return new Trust(connectedRole);
        }
        try (PreparedStatement query = connection.prepareStatement(OWNER)) {
            query.setString(1, ownSchema);
            try (ResultSet row = query.executeQuery()) {
                String owner = row.next() ? row.getString(1) : null;
                return new Trust(owner == null ? "" : owner);
            }
        }
    }

    /** Who may own the objects that conditions use, for messages. */
    public String who() {
        return role.isEmpty() ? "a superuser" : "a superuser or " + role;
    }

    /** The SQL condition that a role is trusted. {@code oid} is an expression. */
    public String trusts(String oid) {
        return ROLE.replace("${role}", SqlText.literal(role)).replace("${oid}", oid);
    }

    /** A query for the roles, as OIDs, that can create objects in a schema and are not trusted; 0 is PUBLIC. */
    public String strangersIn(String schema) {
        return "SELECT maker.oid FROM (SELECT " + schema + ".nspowner AS oid UNION SELECT acl.grantee"
                + " FROM pg_catalog.aclexplode(" + schema + ".nspacl) AS acl WHERE acl.privilege_type = 'CREATE')"
                + " AS maker WHERE NOT " + trusts("maker.oid");
    }
}
