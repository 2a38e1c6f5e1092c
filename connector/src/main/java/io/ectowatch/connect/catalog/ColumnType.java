package io.ectowatch.connect.catalog;

import io.ectowatch.connect.postgres.SqlText;
import java.util.Objects;
import java.util.Set;

/**
 * What a trigger's function may do with the values of a column, as SQL. Those functions run with the connector's rights,
 * and a table's owner can give a column another type at any time, and that type casts of its own making. So no expression
 * here ever looks for a cast or an operator of a type that anybody but a superuser can make.
 *
 * @param schema the schema of the type; of a domain, of its base type
 * @param name its name in {@code pg_type}
 * @param form what can be relied upon
 */
public record ColumnType(String schema, String name, Form form) {

    /** How a type is kept from being taken for another one. */
    public enum Form {
        /** Of a category in which only a superuser can make types. */
        SCALAR,
        /** An array of {@link #SCALAR} or of built-in ranges. */
        ARRAY,
        /** A built-in range. */
        RANGE,
        /** A built-in multirange. */
        MULTIRANGE,
        /** Any other, such as an enum or a composite: nothing is done with its values but to print them. */
        FOREIGN
    }

    /** Where nothing is known of the type. */
    static final ColumnType UNKNOWN = new ColumnType("pg_catalog", "text", Form.FOREIGN);

    /** Types of which two values can be equal with different texts: 1.0 and 1.00. */
    private static final Set<String> EQUALS_BEYOND_TEXT = Set.of("numeric", "jsonb", "interval", "timetz");

    public ColumnType {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(form, "form");
    }

    boolean builtIn() {
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

    /** A null of the type that {@link #value} has. */
    String nothing() {
        return "NULL::" + (form == Form.FOREIGN ? "pg_catalog.text" : SqlText.identifier(schema, name));
    }

    /**
     * The value itself, or its text if the type is {@link Form#FOREIGN}. Fails when the statement is analysed, before any
     * value is touched, if the column has become one of a foreign type. Nothing of that is left when it is executed.
     */
    String value(String reference) {
        return switch (form) {
            // The types must have a common one, and none is in the category of what others can make.
            case SCALAR -> guarded("false", reference);
            // Their categories are open to all. But these functions take two of exactly the same type; and a strict
            // one,
            // given NULL, is replaced by NULL when the statement is planned.
            case ARRAY -> guarded("pg_catalog.array_eq(" + reference + ", " + nothing() + ")", reference);
            case RANGE -> guarded("pg_catalog.range_eq(" + reference + ", " + nothing() + ")", reference);
            case MULTIRANGE -> guarded("pg_catalog.multirange_eq(" + reference + ", " + nothing() + ")", reference);
            case FOREIGN -> printed(reference);
        };
    }

    private String guarded(String never, String reference) {
        return "CASE WHEN " + never + " THEN " + nothing() + " ELSE " + reference + " END";
    }

    /** The text that the output function gives, which no cast replaces. Null stays null; a row of nulls becomes a text. */
    static String printed(String reference) {
        return "CASE WHEN " + reference + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', " + reference + ") END";
    }

    /** Whether two values of a {@link #comparable} type differ. */
    String differ(String one, String other) {
        return switch (form) {
            case RANGE -> rangesDiffer("pg_catalog.range_ne", one, other);
            case MULTIRANGE -> rangesDiffer("pg_catalog.multirange_ne", one, other);
            default -> value(one) + " IS DISTINCT FROM " + value(other);
        };
    }

    /** The operator could be another one, given a cast. */
    private static String rangesDiffer(String function, String one, String other) {
        return "coalesce(" + function + "(" + one + ", " + other + "), (" + one + " IS NULL) <> (" + other
                + " IS NULL))";
    }
}
