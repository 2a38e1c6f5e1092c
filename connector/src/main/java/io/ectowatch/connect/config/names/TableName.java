package io.ectowatch.connect.config.names;

import java.util.Objects;

/**
 * The exact name of a table, as in {@code pg_class} and {@code pg_namespace}: no quotes, no folding.
 *
 * @param schema the schema's name, never null
 * @param table the table's name, never null
 */
public record TableName(String schema, String table) implements Comparable<TableName> {

    public TableName {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(table, "table");
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : table.compareTo(other.table);
    }

    /** For messages and logs. For SQL, quote the parts. */
    @Override
    public String toString() {
        return schema + "." + table;
    }
}
