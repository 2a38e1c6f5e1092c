package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnType;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.Map;
import java.util.Optional;

/**
 * The fast path for a statement with many rows, for tables of which only the key is carried, which is a single column
 * of a fixed length. PostgreSQL compares, splits and prints arrays of such keys several times as fast as it joins
 * rows and builds entries one by one.
 *
 * @param key the column
 * @param type the type of the elements of the array
 * @param first the beginning of an entry
 * @param last the end of an entry
 */
record BulkKeySql(Column key, String type, String first, String last) {

    /**
     * Keys in memory at once: some 50 MB of integers for an update, including the memory for aggregating and
     * comparing them.
     */
    private static final int AT_ONCE = 1 << 20;

    private static final int PER_ROW = 1_000;

    private static final ColumnType UUID = new ColumnType("pg_catalog", "uuid", ColumnType.Form.SCALAR);

    /** The fast path for the changes of that table, or empty. */
    static Optional<BulkKeySql> of(WatchedTable table) {
        boolean statements = table.shape().triggers() == TableShape.Triggers.STATEMENT;
        if (!statements || !table.isPlain() || table.carried().size() != 1) {
            return Optional.empty();
        }
        Column key = table.carried().get(0);
        return switch (key.kind()) {
            case INT16, INT32, INT64 -> Optional.of(new BulkKeySql(key, "int8", "[", "]"));
            case TEXT ->
                key.type().equals(UUID) ? Optional.of(new BulkKeySql(key, "uuid", "[\"", "\"]")) : Optional.empty();
            default -> Optional.empty();
        };
    }

    boolean integers() {
        return type.equals("int8");
    }

    /** Adds what {@code durable.sql} needs to take and write all rows. */
    void addTo(Map<String, String> values) {
        values.put("key type", type);
        values.put("key of s", key.value("s.c0"));
        values.put("keys at once first", Integer.toString(integers() ? KeyRangeSql.AT_FIRST : AT_ONCE));
        values.put("keys at once", Integer.toString(AT_ONCE));
        values.put("keys per row", Integer.toString(PER_ROW));
        values.put("first of entry", SqlText.literal(first));
        values.put("between entries", SqlText.literal(last + "," + first));
        values.put("last of entry", SqlText.literal(last));
        KeyRangeSql.addTo(values, key);
    }
}
