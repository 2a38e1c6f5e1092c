package io.ectowatch.connect.catalog;

import java.util.Objects;

/**
 * A column of a watched table.
 *
 * @param name the exact name
 * @param kind how its values travel; a domain has the kind of its base type
 * @param typeName PostgreSQL's name of the declared type, for messages, for example {@code numeric(10,2)}
 * @param nullable false when the column, or its domain, is declared {@code NOT NULL}
 * @param virtual true for a generated column that is not stored (PostgreSQL 18 on): it is not computed in triggers, so
 *     a watcher can neither carry nor compare it
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

    /** A column of which no SQL is made but for its text. */
    public Column(String name, ColumnKind kind, String typeName, boolean nullable, boolean virtual) {
        this(name, kind, typeName, nullable, virtual, ColumnType.UNKNOWN);
    }

    /** The SQL expression whose JSON form carries a value. {@code reference} is a quoted column reference. */
    public String expression(String reference) {
        return kind.isPrinted() || !type.builtIn() || type.form() == ColumnType.Form.FOREIGN
                ? ColumnType.printed(reference)
                : kind.expression(type.value(reference));
    }

    /** The value as it is, or its text, if it is of a type that others than superusers can make. */
    public String value(String reference) {
        return type.value(reference);
    }

    /** A null of the type that {@link #value} has. */
    public String nothing() {
        return type.nothing();
    }

    /** Whether the value of {@code one} is another than that of {@code other}, nulls included. */
    public String differ(String one, String other) {
        return type.comparable(kind)
                ? type.differ(one, other)
                : text(one) + " COLLATE \"C\" IS DISTINCT FROM " + text(other) + " COLLATE \"C\"";
    }

    private String text(String reference) {
        return type.form() == ColumnType.Form.SCALAR && type.builtIn() && !kind.isPrinted()
                ? type.value(reference) + "::pg_catalog.text"
                : ColumnType.printed(reference);
    }
}
