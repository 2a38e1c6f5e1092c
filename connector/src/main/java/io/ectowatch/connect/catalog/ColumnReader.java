package io.ectowatch.connect.catalog;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the columns of tables from {@code pg_catalog}. */
public final class ColumnReader {

    /**
     * The {@code pg_type.typcategory} values of types that every role can create: arrays, composites, enums, ranges
     * and others.
     */
    private static final Set<String> OPEN_CATEGORIES = Set.of("A", "C", "E", "P", "R", "X");

    /** One parameter: the tables' oids, as {@code int8[]}. */
    private static final String COLUMNS = """
            WITH RECURSIVE unwrapped AS (
                -- Each column with its declared type ...
                SELECT a.attrelid, a.attnum, a.atttypid AS type, a.attnotnull AS not_null
                  FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = ANY (?::pg_catalog.oid[])
                   AND a.attnum > 0
                   AND NOT a.attisdropped
                UNION ALL
                -- ... and, where that is a domain, once more with the type under it, down to the base type. Each
                -- domain on the way may forbid nulls.
                SELECT u.attrelid, u.attnum, d.typbasetype, u.not_null OR d.typnotnull
                  FROM unwrapped u
                  JOIN pg_catalog.pg_type d ON d.oid = u.type AND d.typtype = 'd'
            )
            SELECT a.attrelid,
                   a.attname,
                   pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared,
                   u.not_null,
                   a.attgenerated = 'v' AS virtual,
                   t.typname,
                   n.nspname,
                   t.typtype,
                   t.typcategory,
                   e.oid IS NOT NULL AS is_array,
                   coalesce(e.typtype, t.typtype) AS element_type,
                   coalesce(e.typcategory, t.typcategory) AS element_category,
                   -- A name that another role could give to another type says nothing.
                   n.nspname = 'pg_catalog'
                       OR ${type owner} AND (e.oid IS NULL OR ${element owner})
                           AND NOT EXISTS (${strangers}) AS trusted
              FROM unwrapped u
              JOIN pg_catalog.pg_type t ON t.oid = u.type AND t.typtype <> 'd'
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
              LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
              JOIN pg_catalog.pg_attribute a ON a.attrelid = u.attrelid AND a.attnum = u.attnum
             ORDER BY a.attrelid, a.attnum
            """;

    private final String columns;

    /** @param trust the roles whose types are what their names say */
    public ColumnReader(Trust trust) {
        columns = COLUMNS.replace("${type owner}", trust.trusts("t.typowner"))
                .replace("${element owner}", trust.trusts("e.typowner"))
                .replace("${strangers}", trust.strangersIn("n"));
    }

    /**
     * The columns of each table in order, without system columns and dropped columns.
     *
     * @param oids {@code pg_class.oid} of each table
     * @return an entry for each of {@code oids}; an empty list if the table does not exist or has no columns
     */
    public Map<Long, List<Column>> read(Connection connection, Collection<Long> oids) throws SQLException {
        Map<Long, List<Column>> tables = new LinkedHashMap<>();
        oids.forEach(oid -> tables.put(oid, new ArrayList<>()));
        Array parameter = connection.createArrayOf("int8", tables.keySet().toArray());
        try (PreparedStatement query = connection.prepareStatement(columns)) {
            query.setArray(1, parameter);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    tables.computeIfAbsent(row.getLong("attrelid"), oid -> new ArrayList<>())
                            .add(column(row));
                }
            }
        } finally {
            parameter.free();
        }
        tables.replaceAll((oid, columns) -> List.copyOf(columns));
        return tables;
    }

    private static Column column(ResultSet row) throws SQLException {
        return new Column(
                row.getString("attname"),
                kind(row),
                row.getString("declared"),
                !row.getBoolean("not_null"),
                row.getBoolean("virtual"),
                new ColumnType(row.getString("nspname"), row.getString("typname"), form(row)));
    }

    private static ColumnType.Form form(ResultSet row) throws SQLException {
        boolean builtIn = row.getString("nspname").equals("pg_catalog");
        String element = row.getString("element_type");
        boolean scalar = element.equals("b") && !OPEN_CATEGORIES.contains(row.getString("element_category"));
        boolean range = builtIn && element.equals("r");
        boolean multirange = builtIn && element.equals("m");
        if (!row.getBoolean("trusted")) {
            return ColumnType.Form.FOREIGN;
        }
        if (row.getBoolean("is_array")) {
            return scalar || range || multirange ? ColumnType.Form.ARRAY : ColumnType.Form.FOREIGN;
        }
        return scalar
                ? ColumnType.Form.SCALAR
                : range ? ColumnType.Form.RANGE : multirange ? ColumnType.Form.MULTIRANGE : ColumnType.Form.FOREIGN;
    }

    private static ColumnKind kind(ResultSet row) throws SQLException {
        String type = row.getString("typname");
        if (row.getString("nspname").equals("pg_catalog")) {
            return builtIn(type);
        }
        boolean isEnum = row.getString("typtype").equals("e");
        boolean isCitext = type.equals("citext") && row.getString("typcategory").equals("S");
        return isEnum || isCitext ? ColumnKind.TEXT : ColumnKind.TEXT_PINNED;
    }

    /** By the name in {@code pg_type}. The text of a type that is not listed may depend on the session. */
    public static ColumnKind builtIn(String type) {
        return switch (type) {
            case "int2" -> ColumnKind.INT16;
            case "int4" -> ColumnKind.INT32;
            case "int8", "oid" -> ColumnKind.INT64;
            case "float4" -> ColumnKind.FLOAT32;
            case "float8" -> ColumnKind.FLOAT64;
            case "bool" -> ColumnKind.BOOLEAN;
            case "bytea" -> ColumnKind.BYTES;
            case "date" -> ColumnKind.DATE;
            case "timestamp" -> ColumnKind.TIMESTAMP;
            case "timestamptz" -> ColumnKind.TIMESTAMP_WITH_ZONE;
            case "text",
                    "varchar",
                    "bpchar",
                    "char",
                    "name",
                    "numeric",
                    "uuid",
                    "json",
                    "jsonb",
                    "jsonpath",
                    "time",
                    "timetz",
                    "cidr",
                    "macaddr",
                    "macaddr8",
                    "bit",
                    "varbit",
                    "tsvector",
                    "tsquery",
                    "pg_lsn",
                    "pg_snapshot",
                    "txid_snapshot",
                    "xid",
                    "xid8",
                    "cid",
                    "tid" -> ColumnKind.TEXT;
            case "inet", "xml" -> ColumnKind.TEXT_AS_PRINTED;
            default -> ColumnKind.TEXT_PINNED;
        };
    }
}
