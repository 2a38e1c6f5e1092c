package io.ectowatch.connect.backfill;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnType;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How the rows of a table are read in the order of its primary key, by the index of that key. Rows are compared by the
 * operators that the index uses, and by its collation, so that comparison and order always agree.
 *
 * <p>A table's owner can create types, casts and operators. So only operators of {@code pg_catalog} are used, and those of an
 * extension's type that {@link ColumnType} trusts. An enum is compared by an operator of {@code pg_catalog} for all enums: a
 * cast that its owner creates makes the operator ambiguous at most, which is an error.
 */
final class KeyOrder {

    /** Values of these types are printed as names, which may change; as numbers they are read back in any case. */
    private static final String REG = "reg";

    /**
     * For each key column, in order: its name, the "greater than" operator of the index with its schema, whether all enums
     * share that operator, a text that changes with the column's type or collation, and whether the table has partitions.
     */
    private static final String QUERY = """
            SELECT a.attname, n.nspname, o.oprname, c.opcintype = 'pg_catalog.anyenum'::pg_catalog.regtype,
                   pg_catalog.concat_ws(' ', a.attnum, a.atttypid::pg_catalog.oid, a.attcollation, c.oid),
                   r.relkind = 'p'
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS r ON r.oid = i.indrelid
            CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            JOIN pg_catalog.pg_opclass AS c ON c.oid = i.indclass[k.place - 1]
            JOIN pg_catalog.pg_amop AS p ON p.amopfamily = c.opcfamily AND p.amopstrategy = 5
                                        AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype
            JOIN pg_catalog.pg_am AS m ON m.oid = p.amopmethod AND m.amname = 'btree'
            JOIN pg_catalog.pg_operator AS o ON o.oid = p.amopopr
            JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
            WHERE i.indrelid = %s AND i.indisprimary AND k.place <= i.indnkeyatts
            ORDER BY k.place
            """;

    private final List<Column> key;
    private final String greater;
    private final String signature;
    private final boolean partitioned;

    KeyOrder(List<Column> key, String greater, String signature, boolean partitioned) {
        this.partitioned = partitioned;
        this.key = key;
        this.greater = greater;
        this.signature = signature;
    }

    /** The query by which it is read, of catalogs only. */
    static String query(WatchedTable table) {
        return QUERY.formatted(table.shape().oid());
    }

    /** Reads catalogs only. */
    static KeyOrder read(Connection connection, WatchedTable table) throws SQLException, BackfillFailedException {
        try (Statement statement = connection.createStatement()) {
            return read(statement, query(table), table);
        }
    }

    /** @param query {@link #query}, or what executes it */
    static KeyOrder read(Statement statement, String query, WatchedTable table)
            throws SQLException, BackfillFailedException {
        List<Column> key = table.shape().key();
        Set<String> operators = new HashSet<>();
        List<String> signature = new ArrayList<>();
        signature.add(Long.toString(table.shape().oid()));
        boolean partitioned = false;
        int found = 0;
        try (ResultSet row = statement.executeQuery(query)) {
            for (; row.next(); found++) {
                if (found >= key.size() || !key.get(found).name().equals(row.getString(1))) {
                    throw otherKey(table);
                }
                Column column = key.get(found);
                boolean ownOperator = row.getString(2).equals("pg_catalog");
                boolean trusted = column.type().form() != ColumnType.Form.FOREIGN
                        && (ownOperator || row.getString(2).equals(column.type().schema()));
                if (!trusted && !(ownOperator && row.getBoolean(4))) {
                    throw new BackfillFailedException("The type of key column " + column.name() + " of "
                            + table.shape().name()
                            + ", " + column.typeName() + ", belongs to a role that the connector does not trust, or has"
                            + " parts that do. Its operators could run code of that role with the connector's rights."
                            + " Such a table cannot be backfilled.");
                }
                operators.add("OPERATOR(" + SqlText.identifier(row.getString(2)) + "." + row.getString(3) + ")");
                signature.add(row.getString(5));
                partitioned = row.getBoolean(6);
            }
        }
        if (found != key.size()) {
            throw otherKey(table);
        }
        if (operators.size() != 1) {
            throw new BackfillFailedException(
                    "The primary key of " + table.shape().name()
                            + " has columns of built-in types and of an extension's type. Such a table cannot be backfilled.");
        }
        return new KeyOrder(key, operators.iterator().next(), String.join(",", signature), partitioned);
    }

    private static BackfillFailedException otherKey(WatchedTable table) {
        return new BackfillFailedException("Table " + table.shape().name()
                + " was dropped, or its primary key was changed or cannot be read in the order of an index."
                + " Start another backfill, if the table still exists.");
    }

    /** A text that changes if the table is replaced, or if a key column, its type or its collation changes. */
    String signature() {
        return signature;
    }

    /** Whether the table's rows are in partitions. */
    boolean partitioned() {
        return partitioned;
    }

    /** The condition for rows of {@code x} after the one with that key. */
    String after(List<String> last) {
        return after(last::get, SqlText::literal);
    }

    /** As {@link #after}, of a key that is in a variable of type {@code text[]}. */
    String afterVariable(String variable) {
        return after(i -> variable + "[" + (i + 1) + "]", UnaryOperator.identity());
    }

    private String after(IntFunction<String> last, UnaryOperator<String> sql) {
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            Column column = key.get(i);
            // A domain has no operators of its own. For other columns of these types the cast means nothing.
            boolean isEnum = column.type().form() == ColumnType.Form.FOREIGN;
            columns.add(reference(column) + (isEnum ? "::" + type(column) : ""));
            // A literal, which only the type's input function reads: no cast from text, which an owner could create.
            values.add(sql.apply(last.apply(i)) + "::" + type(column));
        }
        return "(" + String.join(", ", columns) + ") " + greater + " (" + String.join(", ", values) + ")";
    }

    /** The expressions by which rows of {@code x} are ordered. */
    String order() {
        return key.stream().map(KeyOrder::reference).collect(Collectors.joining(", "));
    }

    /** The key's values as texts, as k0, k1, ... */
    String texts() {
        List<String> texts = new ArrayList<>();
        for (Column column : key) {
            String reference = reference(column);
            String value = isReg(column) ? reference + "::pg_catalog.oid" : reference;
            texts.add("pg_catalog.format('%s', " + value + ") AS k" + texts.size());
        }
        return String.join(", ", texts);
    }

    int size() {
        return key.size();
    }

    private static String reference(Column column) {
        return "x." + SqlText.identifier(column.name());
    }

    private static String type(Column column) {
        // Quoted, a name such as "bit" has no implied length.
        return isReg(column)
                ? "pg_catalog.oid"
                : SqlText.identifier(column.type().schema(), column.type().name());
    }

    private static boolean isReg(Column column) {
        return column.type().schema().equals("pg_catalog")
                && column.type().name().startsWith(REG)
                && column.type().form() == ColumnType.Form.SCALAR;
    }
}
