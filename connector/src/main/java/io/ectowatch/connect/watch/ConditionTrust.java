package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnType;
import io.ectowatch.connect.catalog.Trust;
import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whose code a condition could run. A condition runs with the rights of the triggers' functions, within the
 * application's statements. So it must not call anything that has side effects, or that a role without these rights
 * could create or replace. {@link BuiltInFunctions} says which of PostgreSQL's own functions it may call.
 *
 * <p>Since search_path contains only pg_catalog, the condition has to qualify every other name with its schema, and
 * the values of columns have trusted types or are texts. So a qualified name can only mean the objects of that name,
 * whatever the arguments; and only casts between trusted types can be called without a name.
 */
final class ConditionTrust {

    private static final String QUERY = """
            WITH called AS (
                -- The server cuts long names, and in some encodings folds more letters than ASCII's.
                SELECT schema::name AS schema, name::name AS name FROM unnest(?::text[], ?::text[]) AS given (schema, name)
                UNION
                SELECT lower(schema)::name, lower(name)::name FROM unnest(?::text[], ?::text[]) AS given (schema, name)
                WHERE pg_encoding_max_length(pg_char_to_encoding(getdatabaseencoding())) = 1
            ), named AS (
                SELECT n.oid, n.nspname, n.nspowner, n.nspacl, called.name
                FROM called JOIN pg_catalog.pg_namespace AS n ON n.nspname = called.schema
            ), types AS (
                SELECT t.oid, n.nspname, t.typname, t.typowner, t.typtype, e.typtype AS element
                FROM named AS n
                JOIN pg_catalog.pg_type AS t ON t.typnamespace = n.oid AND t.typname = n.name
                LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem
                WHERE n.nspname <> 'pg_catalog'
            ), columns AS (
                SELECT t.oid FROM unnest(?::text[], ?::text[]) AS given (schema, name)
                JOIN pg_catalog.pg_namespace AS n ON n.nspname = given.schema
                JOIN pg_catalog.pg_type AS t ON t.typnamespace = n.oid AND given.name IN (t.typname, '_' || t.typname)
                WHERE n.nspname <> 'pg_catalog'
            ), found AS (
                SELECT 'Function' AS kind, n.nspname AS schema, n.name, p.proowner AS owner, p.oid AS function, n.name AS via
                FROM named AS n JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid AND p.proname = n.name
                UNION ALL
                SELECT 'Operator', n.nspname, n.name, o.oprowner, o.oprcode, n.name
                FROM named AS n JOIN pg_catalog.pg_operator AS o ON o.oprnamespace = n.oid AND o.oprname = n.name
                UNION ALL
                SELECT 'Type', nspname, typname, typowner, NULL, typname FROM types
                UNION ALL
                -- A cast belongs to whom either of its types does.
                SELECT 'Cast function', n.nspname, p.proname, p.proowner, p.oid, p.proname
                FROM pg_catalog.pg_cast AS c
                JOIN pg_catalog.pg_type AS s ON s.oid = c.castsource AND ${source owner}
                JOIN pg_catalog.pg_type AS t ON t.oid = c.casttarget AND ${target owner}
                JOIN pg_catalog.pg_proc AS p ON p.oid = c.castfunc
                JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
                WHERE c.castsource IN (SELECT oid FROM types UNION SELECT oid FROM columns)
                   OR c.casttarget IN (SELECT oid FROM types UNION SELECT oid FROM columns)
            )
            SELECT f.kind, f.schema, f.name,
                   CASE WHEN NOT ${owner} THEN pg_catalog.pg_get_userbyid(f.owner)
                        WHEN NOT ${function owner} THEN pg_catalog.pg_get_userbyid(p.proowner) END AS stranger,
                   (SELECT pg_catalog.string_agg(CASE s.oid WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(s.oid) END, ', ')
                    FROM (${strangers}) AS s) AS makers,
                   p.provolatile = 'v' AS is_volatile,
                   f.kind = 'Type' AND EXISTS (SELECT FROM types AS t
                                               WHERE t.nspname = f.schema AND t.typname = f.name
                                                 AND NOT (t.typtype IN ('b', 'e') AND coalesce(t.element, 'b') IN ('b', 'e'))),
                   f.kind = 'Function' AND f.schema = 'pg_catalog' AND ${refused}
            FROM found AS f
            JOIN pg_catalog.pg_namespace AS n ON n.nspname = f.schema
            LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = f.function
            ORDER BY 1, 2, 3
            """;

    private final Connection connection;
    private final Trust trust;
    private final String query;

    ConditionTrust(Connection connection, Trust trust) {
        this.connection = connection;
        this.trust = trust;
        this.query = QUERY.replace("${source owner}", trust.trusts("s.typowner"))
                .replace("${target owner}", trust.trusts("t.typowner"))
                .replace("${owner}", trust.trusts("f.owner"))
                .replace("${refused}", BuiltInFunctions.refused("p"))
                .replace("${function owner}", trust.trusts("coalesce(p.proowner, f.owner)"))
                .replace("${strangers}", trust.strangersIn("n"));
    }

    /** The first object that must not run with the connector's rights, and what to do, or empty. */
    Optional<String> obstacle(List<Column> mentioned, Condition condition) throws SQLException {
        List<List<String>> names = new ArrayList<>(condition.qualifiedNames());
        condition.calls().stream()
                .filter(call -> call.size() == 1)
                .forEach(call -> names.add(List.of("pg_catalog", call.get(0))));
        List<List<String>> types = mentioned.stream()
                .map(Column::type)
                .filter(type -> !type.builtIn() && type.form() != ColumnType.Form.FOREIGN)
                .map(type -> List.of(type.schema(), type.name()))
                .toList();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setArray(1, part(names, 0));
            statement.setArray(2, part(names, 1));
            statement.setArray(3, part(names, 0));
            statement.setArray(4, part(names, 1));
            statement.setArray(5, part(types, 0));
            statement.setArray(6, part(types, 1));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Optional<String> obstacle = obstacle(row);
                    if (obstacle.isPresent()) {
                        return obstacle;
                    }
                }
                return Optional.empty();
            }
        }
    }

    private java.sql.Array part(List<List<String>> names, int part) throws SQLException {
        return connection.createArrayOf(
                "text", names.stream().map(name -> name.get(part)).toArray());
    }

    private Optional<String> obstacle(ResultSet row) throws SQLException {
        String schema = row.getString(2);
        String what = row.getString(1) + " " + schema + "." + row.getString(3);
        if (row.getBoolean(6)) {
            return Optional.of(what + " is VOLATILE: it may have side effects, and would run within the"
                    + " application's statements. Use a STABLE or IMMUTABLE function.");
        }
        if (row.getBoolean(8)) {
            return Optional.of(
                    what + " is not allowed in a condition: it takes the name or the OID of a database object,"
                            + " or reads the state of the server. With the rights of the triggers' functions it could read"
                            + " tables or run code of another role. Use functions that only compute a value from values.");
        }
        if (schema.equals("pg_catalog")) {
            return Optional.empty();
        }
        if (row.getString(4) != null) {
            return Optional.of(what + " is owned by role " + row.getString(4)
                    + ". It would run with the rights of the"
                    + " triggers' functions. Make " + trust.who() + " its owner, in a schema where no other role may"
                    + " create objects, or remove it from the condition.");
        }
        if (row.getString(5) != null) {
            return Optional.of(what + " is in a schema where other roles may create objects (" + row.getString(5)
                    + "). They could replace it, and their code would run with the rights of the triggers' functions."
                    + " Revoke that privilege (REVOKE CREATE ON SCHEMA " + SqlText.identifier(schema)
                    + " FROM ...) and make " + trust.who() + " the owner of the schema, or remove it from the"
                    + " condition.");
        }
        if (row.getBoolean(7)) {
            return Optional.of(what + " is a domain, a composite or a range type. Use a type of pg_catalog instead.");
        }
        return Optional.empty();
    }
}
