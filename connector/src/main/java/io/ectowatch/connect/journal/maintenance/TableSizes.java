package io.ectowatch.connect.journal.maintenance;

import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The sizes of the journal tables. */
final class TableSizes {

    /** Bulk bodies that are too long for the table itself, even compressed, are in its TOAST table. */
    private static final String SIZES = """
            SELECT pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
                pg_total_relation_size(c.oid)
            FROM unnest(?) WITH ORDINALITY AS n (name, place)
            JOIN pg_class AS c ON c.oid = n.name::regclass
            ORDER BY n.place
            """;

    private final Connection connection;
    private final ObjectNames names;
    private final JournalTables tables;
    private long total;

    TableSizes(Connection connection, ObjectNames names, JournalTables tables) {
        this.connection = connection;
        this.names = names;
        this.tables = tables;
    }

    /** What all of them take with their indexes, at the last {@link #read}. */
    long total() {
        return total;
    }

    /** The size of each table's rows, in bytes; 0 for an empty one. */
    Map<Integer, Long> read() throws SQLException {
        Map<Integer, Long> sizes = new HashMap<>();
        long sum = 0;
        try (PreparedStatement statement = connection.prepareStatement(SIZES)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", tables.all().stream().map(names::journal).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                for (int table : tables.all()) {
                    row.next();
                    sizes.put(table, row.getLong(1));
                    sum += row.getLong(2);
                }
            }
        }
        total = sum;
        return sizes;
    }
}
