package io.ectowatch.connect.generated;

import io.ectowatch.connect.postgres.SqlText;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table of a program.
 *
 * @param name its exact name, in the schema {@code public}
 * @param columns in the table's order
 * @param key the primary key
 * @param number the column that statements calculate with and conditions read: an integer that may be null
 * @param kind how its rows are stored
 * @param deferrable whether its primary key is
 * @param targets what statements may name instead of it: partitions and views, quoted; itself first
 */
record GeneratedTable(
        String name,
        List<Column> columns,
        List<Column> key,
        Column number,
        Kind kind,
        boolean deferrable,
        List<String> targets) {

    enum Kind {
        PLAIN,
        PARTITIONED,
        PARENT,
        CHILD
    }

    /** How a column gets its values. */
    enum Made {
        WRITTEN,
        STORED,
        VIRTUAL,
        IDENTITY
    }

    record Column(String name, Sort sort, boolean notNull, Made made) {

        String sql() {
            return SqlText.identifier(name);
        }

        boolean written() {
            return made == Made.WRITTEN;
        }
    }

    String sql() {
        return SqlText.identifier(name);
    }

    List<Column> written() {
        return columns.stream().filter(Column::written).toList();
    }

    /** The columns that triggers see. */
    List<Column> visible() {
        return columns.stream().filter(column -> column.made() != Made.VIRTUAL).toList();
    }

    /** Whether the key is one integer, which can be calculated with and referred to. */
    boolean countable() {
        return key.size() == 1 && key.get(0).sort().isNumber();
    }

    String keyList() {
        return list(key);
    }

    static String list(List<Column> columns) {
        return columns.stream().map(Column::sql).collect(Collectors.joining(", "));
    }
}
