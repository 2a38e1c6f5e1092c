package io.ectowatch.connect.catalog;

import java.util.Objects;

/**
 * A column of a watched table.
 *
 * @param name the exact name
 * @param kind how its values are encoded; a domain has the kind of its base type
 * @param typeName PostgreSQL's name of the declared type, for messages, for example {@code numeric(10,2)}
 * @param nullable false when the column, or its domain, is declared {@code NOT NULL}
 * @param virtual true for a generated column that is not stored (since PostgreSQL 18): triggers do not see its value,
 *     so a watcher can neither carry nor compare it
 * @param type what SQL may do with its values
 */
public record Column(
        String name, ColumnKind kind, String typeName, boolean nullable, boolean virtual, ColumnType type) {

    public Column {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(typeName, "typeName");
        Objects.requireNonNull(type, "type");
    }

    /** A column whose values SQL only prints as text. */
    public Column(String name, ColumnKind kind, String typeName, boolean nullable, boolean virtual) {
        this(name, kind, typeName, nullable, virtual, ColumnType.UNKNOWN);
    }

    /** The SQL expression whose JSON form encodes a value. {@code reference} is a quoted column reference. */
    public String expression(String reference) {
        return kind.isPrinted() || !type.builtIn() || type.form() == ColumnType.Form.FOREIGN
                ? ColumnType.printed(reference)
                : kind.expression(type.value(reference));
    }

    /** The value itself, or its text if roles other than superusers can create the type. */
    public String value(String reference) {
        return type.value(reference);
    }

    /** A null of the same type as {@link #value}. */
    public String typedNull() {
        return type.typedNull();
    }

    /** Whether the values {@code one} and {@code other} differ, nulls included. */
    public String differ(String one, String other) {
        return type.comparable(kind)
                ? type.differ(one, other)
                : text(one) + " COLLATE \"C\"\n    IS DISTINCT FROM " + text(other) + " COLLATE \"C\"";
    }

    private String text(String reference) {
        return type.form() == ColumnType.Form.SCALAR && type.builtIn() && !kind.isPrinted()
                ? type.value(reference) + "::pg_catalog.text"
                : ColumnType.printed(reference);
    }
}
