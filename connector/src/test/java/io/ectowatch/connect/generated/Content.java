package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.GeneratedTable.Column;
import io.ectowatch.connect.generated.GeneratedTable.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a table has at one time: its rows by the keys that records would have.
 *
 * @param ambiguous keys that several rows have, as a deferrable key allows within a transaction
 */
record Content(Map<String, Image> rows, Set<String> ambiguous) {

    static final Content EMPTY = new Content(Map.of(), Set.of());

    /**
     * A version of a row.
     *
     * @param own whether it is in this table, not in a child of it
     * @param place where it is stored: every change of a row, even one that changes no value, stores a new version
     * @param texts the values as the server prints them
     */
    record Image(boolean own, String place, Map<Column, String> texts) {

        String published(Column column) {
            return column.sort().published(texts.get(column));
        }

        String key(List<Column> columns) {
            return columns.stream()
                    .map(column -> column.name() + "=" + published(column))
                    .collect(Collectors.joining(", "));
        }

        Integer number(GeneratedTable table) {
            String text = texts.get(table.number());
            return text == null ? null : Integer.valueOf(text);
        }
    }

    static Content read(Statement statement, GeneratedTable table) throws SQLException {
        Map<String, Image> rows = new LinkedHashMap<>();
        Set<String> ambiguous = new LinkedHashSet<>();
        List<Column> columns = table.visible();
        try (ResultSet row = statement.executeQuery("SELECT x.tableoid = " + "'public."
                + table.sql().replace("'", "''")
                + "'::regclass, x.tableoid::text || x.ctid || pg_relation_filenode(x.tableoid), "
                + columns.stream().map(column -> "x." + column.sql()).collect(Collectors.joining(", ")) + " FROM "
                + table.sql() + " AS x")) {
            while (row.next()) {
                Map<Column, String> texts = new LinkedHashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    texts.put(columns.get(i), row.getString(i + 3));
                }
                Image image = new Image(table.kind() != Kind.PARENT || row.getBoolean(1), row.getString(2), texts);
                String key = image.key(table.key());
                if (rows.put(key, image) != null) {
                    ambiguous.add(key);
                }
            }
        }
        return new Content(rows, ambiguous);
    }

    /** Without the rows of children. */
    Content own() {
        Map<String, Image> own = new LinkedHashMap<>(rows);
        own.values().removeIf(image -> !image.own());
        return new Content(own, ambiguous);
    }
}
