package io.ectowatch.connect.catalog;

import java.util.Objects;

/**
 * A column of a watched table.
 *
 * @param name the exact name
 * @param kind how its values travel; a domain has the kind of its base type
 * @param typeName PostgreSQL's name of the declared type, for messages, for example {@code numeric(10,2)}
 * @param nullable false when the column, or its domain, is declared {@code NOT NULL}
 */
public record Column(String name, ColumnKind kind, String typeName, boolean nullable) {

    public Column {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(typeName, "typeName");
    }
}
