package io.ectowatch.connect.backfill;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnReader;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.catalog.Trust;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tables for tests that read chunks without a connector. */
final class ReadTable {

    private ReadTable() {}

    static List<String> rows(Connection connection, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    /** A table of the schema public, of which nothing but the key is published. */
    static WatchedTable of(Connection connection, String name) throws SQLException {
        String quoted = "'public.\"" + name.replace("\"", "\"\"") + "\"'";
        long oid = Long.parseLong(
                rows(connection, "SELECT " + quoted + "::regclass::oid").get(0));
        List<Column> columns = new ColumnReader(new Trust("postgres"))
                .read(connection, List.of(oid))
                .get(oid);
        List<Column> key = new ArrayList<>();
        for (String column : rows(
                connection,
                "SELECT a.attname FROM pg_index AS i, unnest(i.indkey) WITH ORDINALITY AS k (n, place),"
                        + " pg_attribute AS a WHERE i.indrelid = " + oid + " AND i.indisprimary AND a.attrelid = " + oid
                        + " AND a.attnum = k.n ORDER BY k.place")) {
            columns.stream().filter(other -> other.name().equals(column)).forEach(key::add);
        }
        return new WatchedTable(
                new TableShape(oid, new TableName("public", name), "postgres", columns, key, TableShape.Triggers.ROW),
                List.of(new WatchedTable.TableWatcher(Set.of(Event.INSERTED), List.of(), null, Map.of())));
    }
}
