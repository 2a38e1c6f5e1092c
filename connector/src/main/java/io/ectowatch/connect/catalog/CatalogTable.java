package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.names.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A relation in the database that has a table's name, whether or not it can be watched.
 *
 * @param oid its {@code pg_class.oid}
 * @param name its exact name
 * @param kind its kind
 * @param ancestors the tables it is a partition of, up to the root; empty if it is not a partition
 * @param child whether it inherits from another table (partitions excluded)
 * @param parent whether other tables inherit from it, or are its partitions
 * @param key the primary key's column names in the key's order; empty if there is no primary key
 * @param incompleteKey what the primary key of a partitioned table lacks; empty if it is valid
 * @param owner the owning role
 * @param mayTrigger whether the connected role may create triggers on it
 * @param mayUseSchema whether the connected role may use its schema
 * @param owned whether the connected role has the rights of the owner
 * @param hasTriggers whether it has triggers of the connector
 */
public record CatalogTable(
        long oid,
        TableName name,
        Kind kind,
        List<Long> ancestors,
        boolean child,
        boolean parent,
        List<String> key,
        Optional<IncompleteKey> incompleteKey,
        String owner,
        boolean mayTrigger,
        boolean mayUseSchema,
        boolean owned,
        boolean hasTriggers) {

    /**
     * A primary key that was added to a partitioned table alone: PostgreSQL does not enforce it in the partitions that
     * have no index attached to it. Such a key is complete if only foreign tables lack an index.
     *
     * @param index its index, in the table's schema
     * @param partitions the partitions, directly below the table, that are or contain a table without a valid index; foreign
     *     tables, which cannot have an index, do not count
     */
    public record IncompleteKey(String index, List<String> partitions) {}

    /** {@code pg_class.relkind}, as far as it is needed here. */
    public enum Kind {
        TABLE("table"),
        PARTITIONED_TABLE("partitioned table"),
        VIEW("view"),
        MATERIALIZED_VIEW("materialized view"),
        FOREIGN_TABLE("foreign table");

        public final String text;

        Kind(String text) {
            this.text = text;
        }

        public boolean watchable() {
            return this == TABLE || this == PARTITIONED_TABLE;
        }
    }

    /**
     * All relations outside the system's schemas, except temporary ones, which belong to one session, and those that
     * connectors have created: a hundred connectors have several hundred.
     */
    private static final String QUERY = """
            SELECT c.oid, n.nspname, c.relname, c.relkind,
                   ARRAY(SELECT p.relid::oid::int8 FROM pg_partition_ancestors(c.oid) AS p (relid)
                         WHERE p.relid <> c.oid),
                   EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhrelid = c.oid) AND NOT c.relispartition,
                   EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhparent = c.oid),
                   ARRAY(SELECT a.attname::text
                         FROM pg_index AS i,
                              unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place),
                              pg_attribute AS a
                         WHERE i.indrelid = c.oid AND i.indisprimary
                           AND k.place <= i.indnkeyatts  -- what follows is INCLUDEd, not key
                           AND a.attrelid = c.oid AND a.attnum = k.attnum
                         ORDER BY k.place),
                   x.index, x.partitions,
                   pg_get_userbyid(c.relowner),
                   has_table_privilege(c.oid, 'TRIGGER'),
                   has_schema_privilege(n.oid, 'USAGE'),
                   pg_has_role(c.relowner, 'USAGE'),
                   EXISTS (SELECT FROM pg_trigger AS t
                           JOIN pg_proc AS f ON f.oid = t.tgfoid
                           JOIN pg_namespace AS o ON o.oid = f.pronamespace
                           -- A join: calls of obj_description would take most of the time if there are many functions.
                           JOIN pg_description AS m ON m.objoid = f.oid AND m.classoid = 'pg_proc'::regclass AND m.objsubid = 0
                           WHERE t.tgrelid = c.oid AND t.tgparentid = 0
                             AND o.nspname = ? AND starts_with(m.description, ?))
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            LEFT JOIN LATERAL (
                SELECT k.relname AS index, lacking.partitions
                FROM pg_index AS i
                JOIN pg_class AS k ON k.oid = i.indexrelid
                CROSS JOIN LATERAL (
                    SELECT array_agg(format('%I.%I', m.nspname, p.relname) ORDER BY m.nspname, p.relname) AS partitions
                    FROM pg_inherits AS h
                    JOIN pg_class AS p ON p.oid = h.inhrelid
                    JOIN pg_namespace AS m ON m.oid = p.relnamespace
                    WHERE h.inhparent = c.oid
                      -- a foreign table cannot have an index
                      AND EXISTS (SELECT FROM pg_partition_tree(p.oid) AS part JOIN pg_class AS l ON l.oid = part.relid
                                  WHERE l.relkind = 'r'
                                    AND NOT EXISTS (SELECT FROM pg_partition_tree(k.oid) AS a
                                                    JOIN pg_index AS b ON b.indexrelid = a.relid
                                                    WHERE b.indrelid = l.oid AND b.indisvalid))) AS lacking
                WHERE i.indrelid = c.oid AND i.indisprimary AND NOT i.indisvalid
                  AND lacking.partitions IS NOT NULL) AS x ON true
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND c.relpersistence <> 't'
              AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')
              AND NOT (n.nspname = ? AND EXISTS (
                  SELECT FROM pg_description AS d
                  WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
                    AND starts_with(d.description, ?)))
              -- One name that is not UTF-8 would make the whole query fail.
              AND CASE WHEN getdatabaseencoding() = 'SQL_ASCII'
                  THEN ${table is UTF-8} AND ${schema is UTF-8} AND ${owner is UTF-8}
                      AND NOT EXISTS (SELECT FROM pg_attribute AS a
                                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                        AND NOT ${column is UTF-8})
                  ELSE true END
            ORDER BY n.nspname, c.relname
            """.replace("${table is UTF-8}", isUtf8("c.relname"))
            .replace("${schema is UTF-8}", isUtf8("n.nspname"))
            .replace("${owner is UTF-8}", isUtf8("pg_get_userbyid(c.relowner)"))
            .replace("${column is UTF-8}", isUtf8("a.attname"));

    /**
     * Whether the bytes of a name in {@code SQL_ASCII} are valid UTF-8. PostgreSQL's own functions fail for invalid
     * bytes.
     */
    private static String isUtf8(String name) {
        String next = "[89ab][0-9a-f]";
        return "encode(convert_to(" + name + "::text, 'SQL_ASCII'), 'hex') ~ '^(?:[0-7][0-9a-f]|(?:c[2-9a-f]|d[0-9a-f])"
                + next + "|e0[ab][0-9a-f]" + next + "|e[1-9a-cef](?:" + next + "){2}|ed[89][0-9a-f]" + next
                + "|f0[9ab][0-9a-f](?:" + next + "){2}|f[1-3](?:" + next + "){3}|f48[0-9a-f](?:" + next + "){2})*$'";
    }

    /**
     * @param ownSchema the schema of the connector's objects
     * @param marker how the comments of the connector's functions begin
     * @param anyMarker how the comments of the objects of all connectors begin
     */
    public static List<CatalogTable> readAll(Connection connection, String ownSchema, String marker, String anyMarker)
            throws SQLException {
        List<CatalogTable> relations = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, ownSchema);
            statement.setString(2, marker);
            statement.setString(3, ownSchema);
            statement.setString(4, anyMarker);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    relations.add(new CatalogTable(
                            row.getLong(1),
                            new TableName(row.getString(2), row.getString(3)),
                            kind(row.getString(4)),
                            List.of((Long[]) row.getArray(5).getArray()),
                            row.getBoolean(6),
                            row.getBoolean(7),
                            List.of((String[]) row.getArray(8).getArray()),
                            incompleteKey(row),
                            row.getString(11),
                            row.getBoolean(12),
                            row.getBoolean(13),
                            row.getBoolean(14),
                            row.getBoolean(15)));
                }
            }
        }
        return relations;
    }

    private static Optional<IncompleteKey> incompleteKey(ResultSet row) throws SQLException {
        String index = row.getString(9);
        return index == null
                ? Optional.empty()
                : Optional.of(new IncompleteKey(
                        index, List.of((String[]) row.getArray(10).getArray())));
    }

    private static Kind kind(String relkind) {
        return switch (relkind) {
            case "r" -> Kind.TABLE;
            case "p" -> Kind.PARTITIONED_TABLE;
            case "v" -> Kind.VIEW;
            case "m" -> Kind.MATERIALIZED_VIEW;
            default -> Kind.FOREIGN_TABLE;
        };
    }

    public boolean partition() {
        return !ancestors.isEmpty();
    }

    public boolean partitionOf(CatalogTable other) {
        return ancestors.contains(other.oid);
    }

    /**
     * The kind of trigger that the table needs.
     *
     * @param replicated whether changes that replication applies are captured
     * @param rowTriggers whether row triggers are wanted where statement triggers would do; the parent of an inheritance tree
     *     keeps statement triggers, which see the rows of its children
     */
    public TableShape.Triggers triggers(boolean replicated, boolean rowTriggers) {
        if (replicated) {
            return TableShape.Triggers.ALWAYS;
        }
        if (kind == Kind.PARTITIONED_TABLE || partition() || child) {
            return TableShape.Triggers.ROW;
        }
        return rowTriggers && !parent ? TableShape.Triggers.CHOSEN_ROW : TableShape.Triggers.STATEMENT;
    }
}
