package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A table's owner who would like to have code of his run with the connector's rights: by types that cast by functions of
 * his, which he gives to the columns that the triggers' functions read. The connector's role is a superuser. A few types
 * stand for the rest: {@code ForeignTypesIT} goes through all that PostgreSQL has, expression by expression.
 */
class ForeignCodeIT {

    @NewDatabase
    private static TestDatabase database;

    /** A value of each type that a column has at first. */
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("int4", "1"),
            Map.entry("int8", "1"),
            Map.entry("bytea", "x"),
            Map.entry("text", "x"),
            Map.entry("numeric", "1.5"),
            Map.entry("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            Map.entry("timestamptz", "2026-01-31"),
            Map.entry("int4[]", "{1}"),
            Map.entry("int4range", "[1,2)"),
            Map.entry("int4multirange", "{[1,2)}"),
            Map.entry("app.number", "1"));

    /** What a watcher can do with a column. */
    private static final Map<String, String> USES = Map.of(
            "key", "",
            "extra", "extra.columns=c",
            "other_key", "key.columns=c",
            "compared", "columns=c",
            "asked", "when=NEW.c IS DISTINCT FROM OLD.c",
            "printed", "when=NEW.c::text IS DISTINCT FROM OLD.c::text",
            "changed", "include.changed.columns=true",
            "whole", "skip.unchanged.updates=true",
            "old", "old.values=true");

    /** Uses whose expressions are those of the others, and a few types that stand for the rest. */
    private static final Set<String> SIMILAR_USES = Set.of("other_key", "printed", "changed", "whole", "old");

    private static final Set<String> FEW_TYPES = Set.of("int8", "text", "int4[]", "int4range");

    private static final Set<String> TYPES_OF_SIMILAR_USES = Set.of("int8", "int4range");

    private static final Set<String> TYPES_OF_PARTITIONED = Set.of("int8", "text");

    private static final List<String> CONNECTORS = List.of("durable", "notify", "durable_rows", "notify_rows");

    private static final int TOGETHER = 50;

    private static String app;

    @BeforeAll
    static void anOwnerOfTablesAndTypes() throws Exception {
        app = database.role("app");
        database.execute("CREATE SCHEMA app AUTHORIZATION " + app);
        List<String> statements = new ArrayList<>(List.of(
                "CREATE DOMAIN number AS int8",
                "CREATE SEQUENCE ran",
                "CREATE TYPE to_all AS ENUM ('a', 'b', 'c', 'd', 'e')",
                "CREATE TYPE row_to_all AS (c text)"));
        for (String type : TYPES.keySet()) {
            if (!type.equals("app.number")) {
                statements.addAll(List.of(
                        "CREATE TYPE " + attack("enum", type) + " AS ENUM ('a', 'b', 'c', 'd', 'e')",
                        "CREATE TYPE " + attack("row", type) + " AS (c text)",
                        "CREATE TYPE " + attack("range", type) + " AS RANGE (subtype = text)",
                        cast(attack("enum", type), type, "AS IMPLICIT"),
                        cast(attack("enum", type) + "[]", type, "AS IMPLICIT"),
                        cast(attack("row", type), type, "AS IMPLICIT"),
                        cast(attack("range", type), type, "AS IMPLICIT"),
                        cast("to_all", type, ""),
                        cast("row_to_all", type, "AS ASSIGNMENT")));
            }
        }
        statements.addAll(List.of(cast("to_all", "json", ""), cast("row_to_all", "json", "AS ASSIGNMENT")));
        statements.addAll(List.of(cast("to_all[]", "json", ""), cast("row_int8", "json", "AS ASSIGNMENT")));
        asApp(statements.toArray(String[]::new));
    }

    private static String attack(String form, String type) {
        return form + "_" + type.replace("app.number", "int8").replace("[]", "_array");
    }

    /** A cast whose function notes, beyond any rollback, that another role than its owner has run it. */
    private static String cast(String from, String to, String context) {
        String name = "cast_" + Integer.toHexString((from + " " + to).hashCode());
        return "CREATE FUNCTION " + name + "(" + from + ") RETURNS " + to
                + " LANGUAGE plpgsql AS $$ BEGIN IF current_user"
                + " <> '" + app + "' THEN PERFORM nextval('app.ran'); END IF; RETURN NULL; END $$; CREATE CAST (" + from
                + " AS " + to + ") WITH FUNCTION " + name + "(" + from + ") " + context;
    }

    /** {@code kind}: {@code was}, or {@code parted} of a partitioned one. */
    private record Table(String use, String type, String kind) {

        String name() {
            return use + "_" + attack(kind, type) + (type.startsWith("app.") ? "_domain" : "");
        }

        boolean parted() {
            return kind.equals("parted");
        }

        String create() {
            String key = use.equals("key") ? "c" : "id";
            return "CREATE TABLE " + name() + " ("
                    + (use.equals("key")
                            ? "c " + type
                            : "id int GENERATED BY DEFAULT AS IDENTITY, c " + type + " NOT NULL")
                    + ", n int, part int DEFAULT 1, PRIMARY KEY (" + key + (parted() ? ", part" : "") + "))"
                    + (parted()
                            ? " PARTITION BY LIST (part); CREATE TABLE " + name() + "_1 PARTITION OF " + name()
                                    + " DEFAULT"
                            : "");
        }

        /** The owner's types, with what a value of each looks like. */
        List<List<String>> attacks() {
            List<List<String>> attacks = new ArrayList<>(List.of(
                    List.of("to_all", "%s"),
                    List.of("row_to_all", "(%s)"),
                    List.of(attack("enum", type), "%s"),
                    List.of(attack("row", type), "(%s)"),
                    List.of(attack("enum", type) + "[]", "{%s}"),
                    List.of(attack("range", type), "[%s,z)")));
            // Each table is left with another one.
            Collections.rotate(attacks, Math.abs(name().hashCode()));
            int few = parted() ? 2 : 3;
            return FEW_TYPES.contains(type) && !SIMILAR_USES.contains(use) && !parted()
                    ? attacks
                    : attacks.subList(0, few);
        }

        /** Statements of one row and of several. */
        List<String> changes(String value) {
            return List.of(
                    "INSERT INTO " + name() + " (c, n) VALUES ('" + value.formatted("a") + "', 1)",
                    "INSERT INTO " + name() + " (c, n) VALUES ('" + value.formatted("b") + "', 2), ('"
                            + value.formatted("c") + "', 3)",
                    "UPDATE " + name() + " SET n = 4 WHERE n = 1",
                    "UPDATE " + name() + " SET n = n + 1",
                    "UPDATE " + name() + " SET c = '" + value.formatted("d") + "' WHERE n = 5",
                    "DELETE FROM " + name() + " WHERE n = 5",
                    "DELETE FROM " + name());
        }
    }

    @Test
    void noTypeOfATablesOwnerRunsAnythingWithTheConnectorsRights() throws Exception {
        List<Table> tables = USES.keySet().stream()
                .flatMap(use -> TYPES.keySet().stream()
                        .filter(type -> !SIMILAR_USES.contains(use) || TYPES_OF_SIMILAR_USES.contains(type))
                        .flatMap(type -> TYPES_OF_PARTITIONED.contains(type)
                                ? Stream.of(new Table(use, type, "was"), new Table(use, type, "parted"))
                                : Stream.of(new Table(use, type, "was"))))
                .toList();
        asApp(tables.stream().map(Table::create).toArray(String[]::new));
        install();
        for (Table table : tables) {
            asApp(
                    "INSERT INTO " + table.name() + " (c, n) VALUES ('" + TYPES.get(table.type()) + "', 1)",
                    "UPDATE " + table.name() + " SET n = 2",
                    "DELETE FROM " + table.name());
            attack(table, table.attacks());
        }
        assertThat(database.column("SELECT last_value FROM app.ran WHERE is_called"))
                .isEmpty();

        install(); // knowing the columns by these types
        for (Table table : tables) {
            List<List<String>> attacks = table.attacks();
            asApp(table.changes(attacks.get(attacks.size() - 1).get(1)).toArray(String[]::new));
            attack(table, attacks.subList(0, FEW_TYPES.contains(table.type()) ? 1 : 0));
        }
        assertThat(database.column("SELECT last_value FROM app.ran WHERE is_called"))
                .isEmpty();
    }

    @InBothDeliveries
    void aColumnThatBecomesOneOfSuchATypeIsAnnouncedAndThenCarriedAsText(String delivery) throws Exception {
        String table = "becomes_" + delivery;
        asApp("CREATE TABLE " + table + " (id int PRIMARY KEY, c int8)");
        String[] settings = {
            "name=" + table,
            "delivery.mode=" + delivery,
            "watchers=w",
            "watchers.w.table=app." + table,
            "watchers.w.extra.columns=c"
        };
        try (Watching watching = Watching.start(database, settings)) {
            asApp(
                    "ALTER TABLE " + table + " ALTER c TYPE enum_int8 USING NULL",
                    "INSERT INTO " + table + " VALUES (1, 'a')");
            watching.awaitResync();
        }
        try (Watching watching = Watching.start(database, settings)) {
            asApp("INSERT INTO " + table + " VALUES (2, 'b')");
            watching.changes(all -> all.stream().anyMatch(change -> change.values() != null));
            assertThat(watching.published()).contains("app." + table + " inserted [2, b]");
        }
        assertThat(database.column("SELECT last_value FROM app.ran WHERE is_called"))
                .isEmpty();
    }

    @InBothDeliveries
    void valuesOfSuchTypesAreCarriedComparedAndAskedAsTheirTexts(String delivery) throws Exception {
        String table = "texts_" + delivery;
        asApp(
                "CREATE DOMAIN mood_" + delivery + " AS to_all",
                "CREATE TABLE " + table + " (id int PRIMARY KEY, mood mood_" + delivery + ", moods to_all[], pair"
                        + " row_to_all, span range_text, words text[])");
        try (Watching watching = Watching.start(
                database,
                "name=" + table,
                "delivery.mode=" + delivery,
                "watchers=all,compared,asked",
                "watchers.all.table=app." + table,
                "watchers.all.extra.columns=mood,moods,pair,span",
                "watchers.compared.table=app." + table,
                "watchers.compared.columns=moods,pair,span",
                "watchers.compared.events=updated",
                "watchers.compared.label=compared_" + delivery,
                "watchers.asked.table=app." + table,
                "watchers.asked.when=coalesce(NEW.mood, OLD.mood) = 'a' AND coalesce(NEW.words, OLD.words) @> '{x}'",
                "watchers.asked.label=asked_" + delivery)) {
            asApp(
                    "INSERT INTO " + table + " VALUES (1, 'a', '{a,b}', '(\"x y\")', '[a,b)', '{x,y}')",
                    "INSERT INTO " + table
                            + " VALUES (2, NULL, NULL, '()', NULL, NULL), (3, 'b', '{}', NULL, 'empty', '{x}')",
                    "UPDATE " + table + " SET pair = NULL WHERE id = 2",
                    "UPDATE " + table + " SET mood = 'c' WHERE id = 3");
            watching.changes(5);
            String name = "app." + table;
            assertThat(watching.published())
                    .containsExactly(
                            name + " inserted [1, a, {a,b}, (\"x y\"), [a,b)]",
                            name + " inserted [2, null, null, (), null]",
                            name + " inserted [3, b, {}, null, empty]",
                            name + " updated [2, null, null, null, null]",
                            name + " updated [3, c, {}, null, empty]");
            assertThat(watching.received())
                    .extracting(change -> change.row().choice())
                    .containsExactly(5L, 1L, 1L, 3L, 1L);
        }
    }

    /** All connectors' triggers, with no task behind them. */
    private void install() throws Exception {
        for (String connector : CONNECTORS) {
            boolean rows = connector.endsWith("_rows");
            List<String> settings = new ArrayList<>(List.of(
                    "name=" + connector,
                    "delivery.mode=" + connector.replace("_rows", ""),
                    "row.triggers=" + rows,
                    "watchers=" + String.join(",", USES.keySet())));
            USES.forEach((use, option) -> {
                settings.add("watchers." + use + ".table=app." + use + (rows ? "_was_*" : "_*"));
                settings.add("watchers." + use + ".events=inserted,updated,deleted");
                if (!option.isEmpty()) {
                    settings.add("watchers." + use + "." + option);
                }
                if (use.equals("old")) {
                    settings.add("watchers." + use + ".extra.columns=c");
                }
            });
            Watching.start(database, settings.toArray(String[]::new)).close();
        }
    }

    private void attack(Table table, List<List<String>> attacks) throws Exception {
        List<String> statements = new ArrayList<>();
        for (List<String> attack : attacks) {
            statements.add("ALTER TABLE " + table.name() + " ALTER c TYPE " + attack.get(0) + " USING NULL");
            statements.addAll(table.changes(attack.get(1)));
        }
        asApp(statements.toArray(String[]::new));
    }

    private static void asApp(String... statements) throws Exception {
        try (Connection connection = database.connectAs(app);
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = app, pg_catalog");
            // Each in a transaction of its own, but without a round trip for each.
            for (int from = 0; from < statements.length; from += TOGETHER) {
                String sql = String.join(
                        "; COMMIT; BEGIN; ",
                        List.of(statements).subList(from, Math.min(from + TOGETHER, statements.length)));
                try {
                    statement.execute("BEGIN; " + sql + "; COMMIT");
                } catch (SQLException e) {
                    throw new AssertionError(sql, e);
                }
            }
        }
    }
}
