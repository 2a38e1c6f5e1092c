package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnType;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The fast path for a statement with many rows, for tables of which only the key is carried, which is a single column
 * of a fixed length. PostgreSQL compares, splits and prints arrays of such keys several times as fast as it joins
 * rows and builds entries one by one.
 *
 * @param key the column
 * @param array the type of the array
 * @param first the beginning of an entry
 * @param last the end of an entry
 */
record BulkKeySql(Column key, String array, String first, String last) {

    /**
     * Keys in memory at once: some 50 MB of integers for an update, including the memory for aggregating and
     * comparing them.
     */
    private static final int AT_ONCE = 1 << 20;

    private static final int PER_ROW = 1_000;

    private static final ColumnType UUID = new ColumnType("pg_catalog", "uuid", ColumnType.Form.SCALAR);

    private static final Template KEYS = Template.load("journal-keys.sql");

    /** The fast path for the changes of that table, or empty. */
    static Optional<BulkKeySql> of(WatchedTable table) {
        boolean statements = table.shape().triggers() == TableShape.Triggers.STATEMENT;
        if (!statements || !table.isPlain() || table.carried().size() != 1) {
            return Optional.empty();
        }
        Column key = table.carried().get(0);
        return switch (key.kind()) {
            case INT16, INT32, INT64 -> Optional.of(new BulkKeySql(key, "int8[]", "[", "]"));
            case TEXT ->
                key.type().equals(UUID) ? Optional.of(new BulkKeySql(key, "uuid[]", "[\"", "\"]")) : Optional.empty();
            default -> Optional.empty();
        };
    }

    boolean integers() {
        return array.equals("int8[]");
    }

    /** A part of the result of {@code rows}: the rows that have not been processed yet. */
    static String remaining(String rows) {
        return "SELECT r.* FROM (" + rows + ") AS r OFFSET taken";
    }

    /**
     * Adds the statements that take and write all rows, as {@code write keys}, with what they declare; in an UPDATE, they end
     * at a part in which keys have changed.
     *
     * @param newRows a query for the new rows' keys, as c0, or null where there are none
     * @param oldRows as {@code newRows}
     * @param flags what is set for the function
     */
    void addTo(Map<String, String> values, String newRows, String oldRows, Set<String> flags) {
        values.put("key array", array);
        values.put("keys at once first", Integer.toString(integers() ? KeyRangeSql.AT_FIRST : AT_ONCE));
        values.put("keys at once", Integer.toString(AT_ONCE));
        values.put("keys per row", Integer.toString(PER_ROW));
        values.put("few entries", printed("keys"));
        values.put("part entries", printed("part.keys"));
        if (newRows != null && oldRows != null) {
            values.put("new keys", keysOf(newRows));
            values.put("old keys", keysOf(oldRows));
        } else {
            values.put("keys", keysOf(newRows == null ? oldRows : newRows));
        }
        KeyRangeSql.addTo(values, key, newRows, oldRows);
        values.put("write keys", KEYS.fill(values, flags).stripTrailing());
    }

    private String printed(String keys) {
        return SqlText.literal(first) + " || array_to_string(" + keys + ", " + SqlText.literal(last + "," + first)
                + ") || " + SqlText.literal(last);
    }

    private String keysOf(String rows) {
        String element = array.substring(0, array.length() - 2);
        return "(SELECT array_agg((" + key.value("s.c0") + ")::" + element + ") AS keys FROM (" + remaining(rows)
                + " LIMIT at_once) AS s)";
    }
}
