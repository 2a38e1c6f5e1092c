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

/** Reads the columns of tables from {@code pg_catalog}. Stateless. */
public final class ColumnReader {

    /** Types of which two values can be equal with different texts: 1.0 and 1.00. */
    private static final Set<String> EQUALS_BEYOND_TEXT = Set.of("numeric", "jsonb", "interval", "timetz");

    /** {@code pg_type.typtype} of ranges and multiranges. */
    private static final Set<String> RANGES = Set.of("r", "m");

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
                   t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AS built_in,
                   t.typtype,
                   t.typcategory
              FROM unwrapped u
              JOIN pg_catalog.pg_type t ON t.oid = u.type AND t.typtype <> 'd'
              JOIN pg_catalog.pg_attribute a ON a.attrelid = u.attrelid AND a.attnum = u.attnum
             ORDER BY a.attrelid, a.attnum
            """;

    /**
     * The columns of each of the tables, in their order, system and dropped ones left out.
     *
     * @param oids {@code pg_class.oid} of each table
     * @return an entry for each of {@code oids}; an empty list where there is no such table, or none of its columns
     */
    public Map<Long, List<Column>> read(Connection connection, Collection<Long> oids) throws SQLException {
        Map<Long, List<Column>> tables = new LinkedHashMap<>();
        oids.forEach(oid -> tables.put(oid, new ArrayList<>()));
        Array parameter = connection.createArrayOf("int8", tables.keySet().toArray());
        try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setArray(1, parameter);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    tables.get(row.getLong("attrelid")).add(column(row));
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
                comparable(row));
    }

    /**
     * Whether {@code =} makes a difference to comparing texts and, under a pinned search_path, is the type's own. Without
     * an operator of their own are json, xml and points, say; and that of boxes compares areas.
     */
    private static boolean comparable(ResultSet row) throws SQLException {
        if (RANGES.contains(row.getString("typtype"))) {
            return true;
        }
        String type = row.getString("typname");
        return row.getBoolean("built_in") && (kind(row).fixedLength() || EQUALS_BEYOND_TEXT.contains(type));
    }

    private static ColumnKind kind(ResultSet row) throws SQLException {
        String type = row.getString("typname");
        if (row.getBoolean("built_in")) {
            return builtIn(type);
        }
        boolean isEnum = row.getString("typtype").equals("e");
        boolean isCitext = type.equals("citext") && row.getString("typcategory").equals("S");
        return isEnum || isCitext ? ColumnKind.TEXT : ColumnKind.TEXT_PINNED;
    }

    /** By the name in {@code pg_type}. What is not listed may print differently from session to session. */
    private static ColumnKind builtIn(String type) {
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
