package io.ectowatch.connect.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the triggers do with a column's value, made for a column of each type that PostgreSQL has, and then given a value of
 * a type that a table's owner has made, with casts to all that the expression could ask for. The owner's code must not run.
 * What whole triggers do is shown by {@code ForeignCodeIT}.
 */
class ForeignTypesIT {

    private static final String TYPES = """
            SELECT format_type(t.oid, NULL) FROM pg_type AS t LEFT JOIN pg_type AS e ON e.oid = t.typelem
            WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
              AND coalesce(e.typtype, 'b') IN ('b', 'r', 'm') ORDER BY 1
            """;

    private static final List<String> OWN_TYPES = List.of(
            "app.number", "app.numbers", "app.mood", "app.mood[]", "app.pair", "app.pair[]", "app.words", "app.moody");

    /** Casts to a domain are ignored; those to its base type are not. */
    private static final Map<String, String> DOMAINS =
            Map.of("app.number", "int8", "app.numbers", "int4[]", "app.moody", "app.mood");

    /** Types whose keys are collected in arrays. */
    private static final Map<String, String> KEYS =
            Map.of("smallint", "int2", "integer", "int4", "bigint", "int8", "uuid", "uuid");

    @NewDatabase
    private static TestDatabase database;

    private static List<String> types;
    private static String app;

    /** Enum, array, composite and range types: of these, casts can be made by those who own them. */
    private record Attack(String type, String literal) {

        static List<Attack> on(int number) {
            return List.of(
                    new Attack("app.enum_" + number, "a"),
                    new Attack("app.enum_" + number + "[]", "{a}"),
                    new Attack("app.row_" + number, "(a)"),
                    new Attack("app.range_" + number, "[a,b)"),
                    new Attack("app.to_all", "a"),
                    new Attack("app.row_to_all", "(a)"));
        }

        String value() {
            return "'" + literal + "'::" + type;
        }
    }

    @BeforeAll
    static void anOwnerOfTypesWithCastsToAllOthers() throws Exception {
        app = database.role("app");
        database.execute("CREATE SCHEMA app AUTHORIZATION " + app);
        asApp("CREATE SEQUENCE app.ran; CREATE DOMAIN app.number AS int8; CREATE DOMAIN app.numbers AS int4[];"
                + " CREATE TYPE app.mood AS ENUM ('a'); CREATE TYPE app.pair AS (a int, b text);"
                + " CREATE TYPE app.words AS RANGE (subtype = text); CREATE DOMAIN app.moody AS app.mood;"
                + " CREATE TYPE app.to_all AS ENUM ('a'); CREATE TYPE app.row_to_all AS (c text)");
        types = new ArrayList<>(database.column(TYPES));
        assertThat(types).contains("integer", "money", "xml", "pg_lsn", "int4multirange", "bit", "cidr[]", "jsonb[]");
        types.addAll(OWN_TYPES);
        StringBuilder sql = new StringBuilder("CREATE TABLE app.columns (");
        for (int i = 0; i < types.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append("c").append(i).append(" ").append(types.get(i));
        }
        sql.append(");");
        for (int i = 0; i < types.size(); i++) {
            sql.append("CREATE TYPE app.enum_" + i + " AS ENUM ('a'); CREATE TYPE app.row_" + i
                    + " AS (c text); CREATE TYPE app.range_" + i + " AS RANGE (subtype = text);");
            for (Attack attack : Attack.on(i)) {
                boolean own = !attack.type().contains("to_all");
                if (own || !DOMAINS.containsKey(types.get(i))) {
                    cast(
                            sql,
                            attack.type(),
                            DOMAINS.getOrDefault(types.get(i), types.get(i)),
                            own ? "AS IMPLICIT" : "");
                }
            }
        }
        asApp(sql.toString());
    }

    /** A cast whose function notes, beyond any rollback, that another role than its owner has run it. */
    private static void cast(StringBuilder sql, String from, String to, String context) {
        String name = "app.evil_" + Integer.toHexString(to.hashCode()) + "(" + from + ")";
        sql.append("CREATE FUNCTION " + name + " RETURNS " + to + " LANGUAGE plpgsql AS $$ BEGIN IF current_user <> '"
                + app
                + "' THEN PERFORM nextval('app.ran'); END IF; RETURN NULL; END $$; CREATE CAST (" + from + " AS " + to
                + ") WITH FUNCTION " + name + " " + context + ";");
    }

    @Test
    void noExpressionOverAColumnRunsCodeOfItsOwnerWhenItsTypeIsAnother() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            long table = database.number("SELECT 'app.columns'::regclass::oid");
            List<Column> columns = new ColumnReader(new Trust("postgres"))
                    .read(connection, List.of(table))
                    .get(table);
            StringBuilder sql = new StringBuilder("SET search_path = pg_catalog, pg_temp; DO $test$ BEGIN ");
            int tried = 0;
            for (int i = 0; i < types.size(); i++) {
                for (Attack attack : Attack.on(i)) {
                    for (String expression : expressions(columns.get(i))) {
                        tried++;
                        sql.append("BEGIN EXECUTE "
                                + SqlText.literal("SELECT " + expression + " FROM (SELECT " + attack.value() + " AS c, "
                                        + attack.value() + " AS d OFFSET 0) AS x")
                                + "; EXCEPTION WHEN others THEN END; IF pg_sequence_last_value('app.ran') > 0 THEN RAISE "
                                + SqlText.literal(
                                        types.get(i) + ", " + attack.type() + ": " + expression.replace("%", "%%"))
                                + "; END IF; ");
                    }
                }
                statement.execute(sql + "END $test$");
                sql.setLength(0);
                sql.append("DO $test$ BEGIN ");
            }
            assertThat(tried).isGreaterThan(5_000);
        }
    }

    /** As they stand in the functions: printed into JSON, compared, as keys, as arguments of conditions. */
    private static List<String> expressions(Column column) {
        List<String> all = new ArrayList<>(List.of(
                "json_build_array(" + column.expression("x.c") + ")",
                "format('[%s]', " + column.value("x.c") + ")",
                column.differ("x.c", "x.d"),
                column.expression("x.c") + " <> " + column.expression("x.d"),
                "ROW(" + column.value("x.c") + ", " + column.typedNull() + ")",
                "CASE WHEN false THEN " + column.typedNull() + " ELSE " + column.value("x.c") + " END"));
        if (KEYS.containsKey(column.typeName())) {
            all.add("array_agg((" + column.value("x.c") + ")::" + KEYS.get(column.typeName()) + ")");
            all.add("(" + column.value("x.c") + ")::int8");
        }
        if (column.kind() == ColumnKind.BYTES) {
            all.add("octet_length(" + column.value("x.c") + ")");
        }
        return all;
    }

    private static void asApp(String sql) throws Exception {
        try (Connection connection = database.connectAs(app);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
