package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.GeneratedTable.Kind;
import io.ectowatch.connect.generated.Program.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** Random triggers and rules of the application, some of which change rows again that a statement has changed. */
final class CodeGenerator {

    private final Random random;
    private final List<GeneratedTable> tables;
    private int count;

    CodeGenerator(Random random, List<GeneratedTable> tables) {
        this.random = random;
        this.tables = tables.stream()
                .filter(table -> table.kind() == Kind.PLAIN || table.kind() == Kind.PARTITIONED)
                .toList();
    }

    List<Item> generate() {
        List<Item> items = new ArrayList<>();
        for (GeneratedTable table : tables) {
            if (random.nextInt(3) == 0) {
                items.add(harmless(table));
            }
            if (random.nextInt(4) == 0) {
                items.add(writing(table, tables.get(random.nextInt(tables.size()))));
            }
            if (random.nextInt(8) == 0) {
                items.add(rule(table, tables.get(random.nextInt(tables.size()))));
            }
        }
        return items;
    }

    /** A trigger that changes only the row on its way. */
    private Item harmless(GeneratedTable table) {
        String n = table.number().sql();
        return switch (random.nextInt(4)) {
            case 0 ->
                trigger(
                        table,
                        null,
                        "BEFORE INSERT OR UPDATE",
                        "ROW",
                        "NEW." + n + " := coalesce(NEW." + n + ", 0) + 1;",
                        "NEW",
                        "");
            case 1 ->
                trigger(
                        table,
                        null,
                        "BEFORE INSERT OR UPDATE",
                        "ROW",
                        "IF NEW." + n + " = 3 THEN RETURN NULL; END IF;",
                        "NEW",
                        "");
            case 2 ->
                trigger(
                        table,
                        null,
                        "BEFORE DELETE",
                        "ROW",
                        "IF OLD." + n + " = 3 THEN RETURN NULL; END IF;",
                        "OLD",
                        "");
            default -> {
                if (!table.key().get(0).sort().isNumber()) {
                    yield trigger(table, null, "BEFORE UPDATE", "ROW", "NEW := OLD;", "NEW", "");
                }
                String key = table.key().get(0).sql();
                Item item = trigger(
                        table,
                        null,
                        "BEFORE UPDATE",
                        "ROW",
                        "IF NEW." + n + " = 4 THEN NEW." + key + " := NEW." + key + " + 1; END IF;",
                        "NEW",
                        "");
                yield new Item(item.sql(), null, null, false, true);
            }
        };
    }

    /** A trigger that changes rows of a table, perhaps the same. */
    private Item writing(GeneratedTable table, GeneratedTable to) {
        String event = List.of("INSERT", "UPDATE", "DELETE", "INSERT OR UPDATE OR DELETE")
                .get(random.nextInt(4));
        boolean row = random.nextInt(3) > 0;
        String n = to.number().sql();
        String where;
        if (row && to == table && random.nextBoolean()) {
            String old = event.equals("DELETE") ? "OLD" : "NEW";
            where = to.key().stream()
                    .map(column -> column.sql() + "::text = (" + old + "." + column.sql() + ")::text")
                    .collect(Collectors.joining(" AND "));
        } else {
            where = "coalesce(" + n + ", 0) % 3 = " + random.nextInt(3);
        }
        String body =
                switch (random.nextInt(3)) {
                    case 0 -> "DELETE FROM " + to.sql() + " WHERE " + where + ";";
                    default ->
                        "UPDATE " + to.sql() + " SET " + n + " = coalesce(" + n + ", 0) + 1 WHERE " + where + ";";
                };
        body = "IF pg_trigger_depth() < 3 THEN " + body + " END IF;";
        if (row && random.nextInt(4) == 0) {
            return trigger(table, to, "AFTER " + event, "ROW", body, "NULL", "DEFERRABLE INITIALLY DEFERRED ");
        }
        boolean before = random.nextInt(4) == 0;
        String result = before && row
                ? event.equals("DELETE") ? "OLD" : event.contains("OR") ? "coalesce(NEW, OLD)" : "NEW"
                : "NULL";
        return trigger(table, to, (before ? "BEFORE " : "AFTER ") + event, row ? "ROW" : "STATEMENT", body, result, "");
    }

    private Item trigger(
            GeneratedTable table,
            GeneratedTable to,
            String when,
            String level,
            String body,
            String result,
            String deferred) {
        String function = "f" + ++count;
        // Names sort before or behind those of the connector's triggers.
        String name = (random.nextBoolean() ? "a" : "x") + count;
        return new Item(
                "CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN " + body + " RETURN "
                        + result + "; END $f$; CREATE " + (deferred.isEmpty() ? "" : "CONSTRAINT ") + "TRIGGER " + name
                        + " " + when + " ON " + table.sql() + " " + deferred + "FOR EACH " + level
                        + " EXECUTE FUNCTION " + function + "()",
                to == null ? null : table.name(),
                to == null ? null : to.name(),
                to != null,
                false);
    }

    private Item rule(GeneratedTable table, GeneratedTable to) {
        String name = "rule" + ++count;
        String n = to.number().sql();
        String start = "CREATE RULE " + name + " AS ON ";
        return switch (random.nextInt(3)) {
            case 0 ->
                new Item(
                        start + "UPDATE TO " + table.sql() + " DO ALSO UPDATE " + to.sql() + " SET " + n
                                + " = coalesce(" + n + ", 0) + 1 WHERE " + n + " < 5",
                        table.name(),
                        to.name(),
                        true,
                        false);
            case 1 ->
                new Item(
                        start + "INSERT TO " + table.sql() + " DO ALSO DELETE FROM " + to.sql() + " WHERE " + n
                                + " = 2",
                        table.name(),
                        to.name(),
                        true,
                        false);
            default ->
                Item.plain(start + "INSERT TO " + table.sql() + " WHERE NEW."
                        + table.number().sql() + " = 5 DO INSTEAD NOTHING");
        };
    }
}
