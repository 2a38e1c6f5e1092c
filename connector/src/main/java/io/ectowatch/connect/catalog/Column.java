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
 * @param comparable whether two of its values are told apart by PostgreSQL's own {@code =}, as numbers are; others by
 *     their text, byte by byte
 */
public record Column(
        String name, ColumnKind kind, String typeName, boolean nullable, boolean virtual, boolean comparable) {

    public Column {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(typeName, "typeName");
    }

    /** A column of a kind that settles how its values are compared. */
    public Column(String name, ColumnKind kind, String typeName, boolean nullable, boolean virtual) {
        this(name, kind, typeName, nullable, virtual, kind.fixedLength());
    }
}
