package io.ectowatch.connect.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The risks of the watched tables, read from the catalog.
 *
 * @param byTable by OID, the risks of each table that has any
 * @param warnings what the operator should change
 */
public record OrderRisks(Map<Long, Set<OrderRisk>> byTable, List<String> warnings) {

    /** No table has any. */
    public static final OrderRisks NONE = new OrderRisks(Map.of(), List.of());

    private static final String DEFERRABLE_KEYS = """
            WITH RECURSIVE tree (root, oid) AS (
                SELECT w.oid, w.oid FROM unnest(?::oid[]) AS w (oid)
                UNION
                SELECT tree.root, h.inhrelid FROM tree JOIN pg_inherits AS h ON h.inhparent = tree.oid)
            SELECT DISTINCT tree.root::int8
            FROM tree JOIN pg_index AS i ON i.indrelid = tree.oid AND i.indisprimary AND NOT i.indimmediate
            """;

    /** From the few rules that change rows in a WITH to the relations that they name, and what these lead to. */
    private static final String RULES = """
            WITH RECURSIVE reached (rule, oid) AS (
                SELECT r.oid, r.ev_class
                FROM pg_rewrite AS r
                -- CASE: so that PostgreSQL does not read the long texts of all views, which only read.
                WHERE CASE WHEN r.ev_type <> '1' THEN r.ev_action::text LIKE '%:hasModifyingCTE true%' ELSE false END
                UNION
                SELECT reached.rule, n.oid
                FROM reached CROSS JOIN LATERAL (
                    SELECT d.refobjid
                    FROM pg_rewrite AS w
                    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                                       AND d.refclassid = 'pg_class'::regclass
                    WHERE w.ev_class = reached.oid
                    UNION ALL
                    SELECT inhrelid FROM pg_inherits WHERE inhparent = reached.oid
                    UNION ALL
                    SELECT inhparent FROM pg_inherits WHERE inhrelid = reached.oid) AS n (oid))
            SELECT reached.oid::int8, reached.oid::regclass::text,
                   -- A name that is not UTF-8 would make the query fail.
                   CASE WHEN getdatabaseencoding() = 'SQL_ASCII' THEN count(*) || ' rules'
                       ELSE string_agg(format('%I on %s', r.rulename, r.ev_class::regclass), ', ' ORDER BY r.oid) END
            FROM reached JOIN pg_rewrite AS r ON r.oid = reached.rule
            WHERE reached.oid = ANY (?::oid[])
            GROUP BY reached.oid
            ORDER BY reached.oid
            """;

    private static final String UNCOUNTED = """
            SELECT NOT current_setting('track_counts')::bool
                   OR EXISTS (SELECT FROM pg_db_role_setting AS s, unnest(s.setconfig) AS c
                              WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                                AND starts_with(c, 'track_counts=') AND NOT split_part(c, '=', 2)::bool)
            """;

    /**
     * Reads the risks of these tables.
     *
     * @param installing whether the connector replaces its functions when a risk comes or goes. If it does not, it only
     *     warns of those risks that others than the table's owner decide on.
     */
    public static OrderRisks read(Connection connection, Collection<Long> oids, boolean installing)
            throws SQLException {
        Map<Long, Set<OrderRisk>> risks = new HashMap<>();
        List<String> warnings = new ArrayList<>();
        try (PreparedStatement keys = connection.prepareStatement(DEFERRABLE_KEYS);
                PreparedStatement rules = connection.prepareStatement(RULES);
                Statement uncounted = connection.createStatement()) {
            keys.setArray(1, connection.createArrayOf("int8", oids.toArray()));
            try (ResultSet row = keys.executeQuery()) {
                while (row.next()) {
                    add(risks, row.getLong(1), OrderRisk.DEFERRABLE_KEY);
                }
            }
            rules.setArray(1, connection.createArrayOf("int8", oids.toArray()));
            try (ResultSet row = rules.executeQuery()) {
                while (row.next()) {
                    if (installing) {
                        add(risks, row.getLong(1), OrderRisk.RULE);
                    } else {
                        warnings.add("These rules change rows of " + row.getString(2) + " within a WITH: "
                                + row.getString(3) + ". If such a query deletes a row and inserts it again, the records"
                                + " may come in the wrong order. Use install.mode=apply, or a trigger instead of the"
                                + " rule.");
                    }
                }
            }
            try (ResultSet row = uncounted.executeQuery(UNCOUNTED)) {
                row.next();
                if (row.getBoolean(1)) {
                    warnings.add("track_counts is off on this server, or for one of its roles or databases. Without"
                            + " PostgreSQL's counters, the connector cannot always find the order of the changes of a"
                            + " row." + (installing ? " It then publishes resync records." : "")
                            + " Set track_counts = on; autovacuum needs it, too.");
                    if (installing) {
                        oids.forEach(oid -> add(risks, oid, OrderRisk.UNCOUNTED));
                    }
                }
            }
        }
        return new OrderRisks(risks, warnings);
    }

    private static void add(Map<Long, Set<OrderRisk>> risks, long oid, OrderRisk risk) {
        risks.computeIfAbsent(oid, any -> EnumSet.noneOf(OrderRisk.class)).add(risk);
    }
}
