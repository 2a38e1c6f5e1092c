package io.ectowatch.connect.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * Tables whose rows an extension keeps elsewhere, or moves without firing triggers. Without this check a trigger could
 * be created on some of them, and would miss changes or make the application's statements fail.
 */
public final class ExtensionTables {

    /**
     * Hypertables have chunks in the extension's schema and, before TimescaleDB 2.24, this trigger. An empty one of a
     * newer version is found in the extension's own table only. That is read only if a trusted role owns it: a query of
     * another role's table may run that role's code.
     */
    private static final String TIMESCALE = """
            SELECT pg_catalog.format('SELECT c.oid::int8 FROM %I.hypertable AS h'
                       || ' JOIN pg_catalog.pg_namespace AS n ON n.nspname = h.schema_name'
                       || ' JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = h.table_name', s.nspname)
            FROM pg_catalog.pg_extension AS e
            JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            JOIN pg_catalog.pg_class AS t ON t.oid = d.objid
            JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
            WHERE e.extname = 'timescaledb' AND s.nspname = '_timescaledb_catalog' AND t.relname = 'hypertable'
              AND t.relkind = 'r' AND NOT t.relrowsecurity AND ${trusted}
              AND pg_catalog.has_schema_privilege(s.oid, 'USAGE') AND pg_catalog.has_table_privilege(t.oid, 'SELECT')
            UNION ALL
            SELECT $$SELECT t.tgrelid::int8 FROM pg_catalog.pg_trigger AS t WHERE t.tgname = 'ts_insert_blocker'
                     UNION ALL
                     SELECT unnest(ARRAY[h.inhparent, h.inhrelid]::int8[]) FROM pg_catalog.pg_inherits AS h
                     JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid
                     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                     WHERE n.nspname = '_timescaledb_internal'$$
            FROM pg_catalog.pg_extension AS e WHERE e.extname = 'timescaledb'
            """;

    private static final String IS_HYPERTABLE =
            " is a hypertable of TimescaleDB, or a chunk of one. TimescaleDB compresses"
                    + " and drops chunks without firing row triggers, so changes would be missed. Watch a plain or a"
                    + " partitioned table.";

    /** Only superusers can create objects in pg_catalog. Citus allows triggers on its local tables only. */
    private static final String CITUS = """
            SELECT 'SELECT p.logicalrelid::oid::int8 FROM pg_catalog.pg_dist_partition AS p'
                   || $$ WHERE NOT (p.partmethod = 'n' AND p.repmodel = 's' AND p.colocationid = 0)$$
            WHERE pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL
            """;

    private static final String IS_DISTRIBUTED =
            " is a distributed or a reference table of Citus. Its rows are on other"
                    + " servers, where the triggers would have to be, and Citus supports no triggers on such tables. Watch a"
                    + " local table, or publish from the application.";

    private ExtensionTables() {}

    /** By OID, why these tables cannot be watched: the sentences follow the table's name. Empty on most servers. */
    public static Map<Long, String> read(Connection connection, Trust trust) throws SQLException {
        Map<Long, String> found = new HashMap<>();
        add(found, connection, TIMESCALE.replace("${trusted}", trust.trusts("t.relowner")), IS_HYPERTABLE);
        add(found, connection, CITUS, IS_DISTRIBUTED);
        return found;
    }

    /** @param queries a query for the queries to run */
    private static void add(Map<Long, String> found, Connection connection, String queries, String reason)
            throws SQLException {
        try (Statement outer = connection.createStatement();
                Statement inner = connection.createStatement();
                ResultSet query = outer.executeQuery(queries)) {
            while (query.next()) {
                try (ResultSet row = inner.executeQuery(query.getString(1))) {
                    while (row.next()) {
                        found.put(row.getLong(1), reason);
                    }
                }
            }
        }
    }
}
