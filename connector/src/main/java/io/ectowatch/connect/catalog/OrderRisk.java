package io.ectowatch.connect.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What the catalog knows of a table that makes the order of its changes less certain. The triggers then check more. */
public enum OrderRisk {
    /**
     * The primary key of the table, or of one of its partitions or children, is deferrable: two rows may have the same
     * key until the transaction ends.
     */
    DEFERRABLE_KEY;

    private static final String QUERY = """
            WITH RECURSIVE tree (root, oid) AS (
                SELECT w.oid, w.oid FROM unnest(?::oid[]) AS w (oid)
                UNION
                SELECT tree.root, h.inhrelid FROM tree JOIN pg_inherits AS h ON h.inhparent = tree.oid)
            SELECT DISTINCT tree.root::int8
            FROM tree JOIN pg_index AS i ON i.indrelid = tree.oid AND i.indisprimary AND NOT i.indimmediate
            """;

    /** The risks of those of these tables that have any, by OID. */
    public static Map<Long, Set<OrderRisk>> read(Connection connection, Collection<Long> oids) throws SQLException {
        Map<Long, Set<OrderRisk>> risks = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setArray(1, connection.createArrayOf("int8", oids.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    risks.computeIfAbsent(row.getLong(1), any -> EnumSet.noneOf(OrderRisk.class))
                            .add(DEFERRABLE_KEY);
                }
            }
        }
        return risks;
    }
}
