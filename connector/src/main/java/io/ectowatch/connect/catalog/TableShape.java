package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.config.names.TableName;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What the database says about one table that can be watched.
 *
 * @param oid its {@code pg_class.oid}
 * @param name its exact name
 * @param owner the role that owns it
 * @param columns all columns in order, without system columns and dropped columns
 * @param key the primary key's columns in the key's order, never empty
 * @param triggers the kind of trigger that sees every change to be captured
 * @param risks what makes the order of its changes less certain
 */
public record TableShape(
        long oid,
        TableName name,
        String owner,
        List<Column> columns,
        List<Column> key,
        Triggers triggers,
        Set<OrderRisk> risks) {

    /** The kind of trigger that sees all changes of a table. */
    public enum Triggers {
        /** An ordinary table: one call per statement, with transition tables. */
        STATEMENT,
        /**
         * A partitioned table, a partition, or a child in an inheritance tree. A statement trigger fires only for the
         * table that the statement names; a row trigger fires for each row, in whichever partition.
         */
        ROW,
        /** An ordinary table whose watchers ask for row triggers, and from which no table inherits. */
        CHOSEN_ROW,
        /**
         * A table that replication writes to. Changes that a subscription applies fire row triggers only, and
         * statement triggers of a TRUNCATE; and of these only the ones that are enabled ALWAYS.
         */
        ALWAYS
    }

    public TableShape {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(owner, "owner");
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        Objects.requireNonNull(triggers, "triggers");
        risks = Set.copyOf(risks);
        if (key.isEmpty()) {
            throw new IllegalArgumentException(name + " has no primary key");
        }
    }

    /** A table without risks. */
    public TableShape(
            long oid, TableName name, String owner, List<Column> columns, List<Column> key, Triggers triggers) {
        this(oid, name, owner, columns, key, triggers, Set.of());
    }

    /** The columns that the condition may mention. Virtual columns have no value in a trigger. */
    public List<Column> mentionedBy(Condition condition) {
        return columns.stream()
                .filter(column -> !column.virtual() && condition.mayMention(column.name()))
                .toList();
    }

    /** The columns whose values a trigger can compare: all but virtual ones. */
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
