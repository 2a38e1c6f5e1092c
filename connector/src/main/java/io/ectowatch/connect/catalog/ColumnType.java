package io.ectowatch.connect.catalog;

import io.ectowatch.connect.postgres.SqlText;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a trigger's function may do with the values of a column, as SQL. These functions run with the connector's
 * rights, but a table's owner can change the column's type at any time, and can define casts for the new type. So no
 * expression here ever uses a cast or an operator of a type that roles other than superusers can create.
 *
 * @param schema the schema of the type; of a domain, of its base type
 * @param name its name in {@code pg_type}
 * @param form which guarantees there are
 */
public record ColumnType(String schema, String name, Form form) {

    /** How an expression makes sure that the type is still the expected one. */
    public enum Form {
        /** Of a category in which only a superuser can create types. */
        SCALAR,
        /** An array of {@link #SCALAR} or of built-in ranges. */
        ARRAY,
        /** A built-in range. */
        RANGE,
        /** A built-in multirange. */
        MULTIRANGE,
        /** Any other type, such as an enum or a composite: its values are only printed. */
        FOREIGN
    }

    /** The type when nothing is known about it. */
    static final ColumnType UNKNOWN = new ColumnType("pg_catalog", "text", Form.FOREIGN);

    /** Types in which values with different texts can be equal: 1.0 and 1.00. */
    private static final Set<String> EQUALS_BEYOND_TEXT = Set.of("numeric", "jsonb", "interval", "timetz");

    /** A name that needs no quotes after that of the schema. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[a-z_][a-z0-9_]*");

    public ColumnType {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(form, "form");
    }

    public boolean builtIn() {
        return schema.equals("pg_catalog");
    }

    /** Whether PostgreSQL's own operators compare two values. Other values are compared by their text, byte by byte. */
    boolean comparable(ColumnKind kind) {
        return switch (form) {
            case SCALAR -> kind.fixedLength() || builtIn() && EQUALS_BEYOND_TEXT.contains(name);
            case RANGE, MULTIRANGE -> true;
            case ARRAY, FOREIGN -> false;
        };
    }

    /** A null of the same type as {@link #value}. */
    String typedNull() {
        return "NULL::"
                + (form == Form.FOREIGN
                        ? "pg_catalog.text"
                        : builtIn() && PLAIN_NAME.matcher(name).matches()
                                ? schema + "." + name
                                : SqlText.identifier(schema, name));
    }

    /**
     * The value itself, or its text if the type is {@link Form#FOREIGN}. If the column now has a foreign type, the
     * statement fails when it is analysed, before it reads any value. The guard is removed when the statement is
     * planned, so it costs nothing when it runs.
     */
    String value(String reference) {
        return switch (form) {
            // The two branches need a common type, and no type that others can create is in these categories.
            case SCALAR -> guarded("false", reference);
            // All roles can create types in these categories. But these functions take two arguments of exactly the
            // same type; and a call of a strict function with NULL is replaced by NULL when the statement is planned.
            case ARRAY -> guarded("pg_catalog.array_eq(" + reference + ", " + typedNull() + ")", reference);
            case RANGE -> guarded("pg_catalog.range_eq(" + reference + ", " + typedNull() + ")", reference);
            case MULTIRANGE -> guarded("pg_catalog.multirange_eq(" + reference + ", " + typedNull() + ")", reference);
            case FOREIGN -> printed(reference);
        };
    }

    private String guarded(String never, String reference) {
        return "CASE WHEN " + never + " THEN " + typedNull() + " ELSE " + reference + " END";
    }

    /** The text of the output function, which no cast can replace. Null stays null; a row of nulls becomes a text. */
    static String printed(String reference) {
        return "CASE WHEN " + reference + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', " + reference + ") END";
    }

    /** Whether two values of a {@link #comparable} type differ. */
    String differ(String one, String other) {
        return switch (form) {
            case RANGE -> rangesDiffer("pg_catalog.range_ne", one, other);
            case MULTIRANGE -> rangesDiffer("pg_catalog.multirange_ne", one, other);
            default -> value(one) + "\n    IS DISTINCT FROM " + value(other);
        };
    }

    /** An operator could resolve to another one through a cast; the function cannot. */
    private static String rangesDiffer(String function, String one, String other) {
        return "coalesce(" + function + "(" + one + ", " + other + "), (" + one + " IS NULL) <> (" + other
                + " IS NULL))";
    }
}
