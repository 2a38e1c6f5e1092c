package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.List;

/**
 * Expressions for the entry of one row, the JSON array described in {@link ChangeLayout}, of a table whose entries consist
 * only of the key and the extra columns; and for the key of any table. The row is a relation with the columns c0, c1, ...;
 * or the row of a row trigger, {@link #NEW} or {@link #OLD}.
 */
final class EntrySql {

    /** The alias of a row trigger's new row, whose columns have the names of the table's columns. */
    static final String NEW = "NEW";

    /** The same for the old row. */
    static final String OLD = "OLD";

    /** The maximum size in JSON of a value of a fixed-length kind, in bytes. */
    private static final int FIXED_VALUE_BYTES = 45;

    private final boolean plain;
    private final List<Column> carried;
    private final List<Column> key;
    private final int entryBytes;

    EntrySql(WatchedTable table, int entryBytes) {
        this.plain = table.isPlain();
        this.carried = table.carried();
        this.key = table.shape().key();
        this.entryBytes = entryBytes;
    }

    /** The entry of a row. */
    String whole(String alias) {
        return array(carried, alias);
    }

    /** The key of a row, as an entry. */
    String key(String alias) {
        return array(key, alias);
    }

    /** Whether there are columns besides the key. */
    boolean hasExtraColumns() {
        return !carried.equals(key);
    }

    /**
     * A condition that is true if a column is too large for an entry; empty if no column can be. JSON takes up to six bytes
     * for one, and PostgreSQL fails if it would take more than a gigabyte. A key is never that large, since its index could
     * not contain it.
     */
    String tooLarge(String alias) {
        return SqlLayout.joined(
                carried.stream()
                        .filter(column ->
                                !key.contains(column) && !column.kind().fixedLength())
                        .map(column -> tooLarge(column, reference(alias, column), entryBytes))
                        .toList(),
                "OR");
    }

    /** Whether one value is larger than {@code bytes}. */
    static String tooLarge(Column column, String reference, int bytes) {
        // The length of a text or a bytea is known without reading it.
        return "octet_length("
                + (column.kind() == ColumnKind.BYTES ? column.value(reference) : column.expression(reference))
                + ") > " + bytes;
    }

    /** The entry of a row; null if a column is too large to be printed. */
    String printable(String alias) {
        String tooLarge = tooLarge(alias);
        return tooLarge.isEmpty()
                ? array(carried, alias)
                : SqlLayout.choose(SqlLayout.parenthesized(tooLarge) + " IS NOT TRUE", array(carried, alias), null);
    }

    /** Whether two rows have different keys. Integers are compared as integers, which is faster. */
    String keysDiffer(String one, String other) {
        if (!integerKey()) {
            return array(key, one) + "\n    <> " + array(key, other) + " COLLATE \"C\"";
        }
        return SqlLayout.joined(
                key.stream()
                        .map(column -> column.expression(reference(one, column)) + "\n    <> "
                                + column.expression(reference(other, column)))
                        .toList(),
                "OR");
    }

    private String reference(String alias, Column column) {
        return alias.equals(NEW) || alias.equals(OLD)
                ? alias + "." + SqlText.identifier(column.name())
                : alias + ".c" + carried.indexOf(column);
    }

    private boolean integerKey() {
        return key.stream().allMatch(column -> switch (column.kind()) {
            case INT16, INT32, INT64 -> true;
            default -> false;
        });
    }

    /** An expression by which keys of two rows are matched, with {@link #matchingCollation}. */
    String matchingKey(String alias) {
        // A single integer is faster to compare and to hash than the text of a key.
        return singleInteger() ? key.get(0).value(alias + ".c0") : array(key, alias);
    }

    /** What follows the comparison of two {@link #matchingKey}. */
    String matchingCollation() {
        return singleInteger() ? "" : " COLLATE \"C\"";
    }

    private boolean singleInteger() {
        return key.size() == 1 && integerKey();
    }

    /**
     * The JSON array of some of the carried columns, as text. format() prints a single integer
     * faster, and with the same result. {@link Column#value} fails if the column now has another type.
     */
    private String array(List<Column> columns, String alias) {
        if (columns.equals(key) && singleInteger()) {
            return "format('[%s]', " + key.get(0).value(reference(alias, key.get(0))) + ")";
        }
        return SqlLayout.list(
                "json_build_array(",
                columns.stream()
                        .map(column -> column.expression(reference(alias, column)))
                        .toList(),
                ")::text");
    }

    /** The size of a text. */
    static String length(String text) {
        return SqlLayout.list("octet_length(", List.of(text), ")");
    }

    /** Whether no entry of this table can be too large. */
    boolean alwaysFits() {
        return plain
                && carried.stream().allMatch(column -> column.kind().fixedLength())
                && carried.size() * FIXED_VALUE_BYTES < entryBytes;
    }
}
