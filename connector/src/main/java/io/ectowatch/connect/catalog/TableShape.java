package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Condition;
import io.ectowatch.connect.config.TableName;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the database says of one table that can be watched.
 *
 * @param oid its {@code pg_class.oid}
 * @param name its exact name
 * @param owner the role that owns it
 * @param columns all columns in their order, system and dropped ones left out
 * @param key the primary key's columns in the key's order, never empty
 * @param triggers which kind of trigger sees every change of it that counts
 */
public record TableShape(
        long oid, TableName name, String owner, List<Column> columns, List<Column> key, Triggers triggers) {

    /** Which kind of trigger sees all changes of a table. */
    public enum Triggers {
        /** An ordinary table: one call per statement, with transition tables. */
        STATEMENT,
        /**
         * A partitioned table, a partition, or a child in an inheritance tree: a statement trigger fires only for the
         * table that the statement names, a row trigger for each row wherever it lies.
         */
        ROW,
        /**
         * A table that replication writes to: what a subscription applies sets off row triggers only, and of those, as of
         * the statement triggers of a TRUNCATE, only the ones that are enabled ALWAYS.
         */
        ALWAYS
    }

    public TableShape {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(owner, "owner");
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        Objects.requireNonNull(triggers, "triggers");
        if (key.isEmpty()) {
            throw new IllegalArgumentException(name + " has no primary key");
        }
    }

    /** The columns that the condition may mention; virtual ones have no value in a trigger. */
    public List<Column> mentionedBy(Condition condition) {
        return columns.stream()
                .filter(column -> !column.virtual() && condition.mayMention(column.name()))
                .toList();
    }

    /** The columns whose values can change in the eyes of a trigger: all but virtual ones. */
    public List<Column> comparedColumns() {
        return columns.stream().filter(column -> !column.virtual()).toList();
    }

    /** The column of that exact name. */
    public Optional<Column> column(String columnName) {
        return columns.stream()
                .filter(column -> column.name().equals(columnName))
                .findFirst();
    }
}
