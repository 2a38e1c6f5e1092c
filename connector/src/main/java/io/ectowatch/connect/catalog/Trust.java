package io.ectowatch.connect.catalog;

import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The roles whose code may run with the rights of the triggers' functions: superusers, who need no such detour, and the
 * role as which those functions run.
 *
 * @param role the name of that role
 */
public record Trust(String role) {

    /** Who is behind {@code pg_database_owner}, which owns the schema {@code public} from PostgreSQL 15 on. */
    private static final String ROLE = """
            EXISTS (SELECT FROM pg_catalog.pg_roles AS trusted
                    WHERE (trusted.rolsuper OR trusted.rolname = ${role})
                      AND trusted.oid = CASE WHEN ${oid} = pg_catalog.to_regrole('pg_database_owner')
                                             THEN (SELECT d.datdba FROM pg_catalog.pg_database AS d
                                                   WHERE d.datname = pg_catalog.current_database())
                                             ELSE ${oid} END)""";

    /**
     * Whom to trust where the connector's own objects are in that schema: its own role, where it installs them, and else
     * the schema's owner, who has.
     */
    static Trust read(Connection connection, String ownSchema, String connectedRole, boolean installing)
            throws SQLException {
        if (installing) {
            return new Trust(connectedRole);
        }
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace WHERE nspname = ?")) {
            query.setString(1, ownSchema);
            try (ResultSet row = query.executeQuery()) {
                return new Trust(row.next() ? row.getString(1) : connectedRole);
            }
        }
    }

    /** The SQL condition that such a role is meant. {@code oid} is an expression. */
    String trusts(String oid) {
        return ROLE.replace("${role}", SqlText.literal(role)).replace("${oid}", oid);
    }

    /** A query for the roles, as oids, that can make objects in a schema and are no such role; 0 is PUBLIC. */
    String strangersIn(String schema) {
        return "SELECT maker.oid FROM (SELECT " + schema + ".nspowner AS oid UNION SELECT acl.grantee"
                + " FROM pg_catalog.aclexplode(" + schema + ".nspacl) AS acl WHERE acl.privilege_type = 'CREATE')"
                + " AS maker WHERE NOT " + trusts("maker.oid");
    }
}
