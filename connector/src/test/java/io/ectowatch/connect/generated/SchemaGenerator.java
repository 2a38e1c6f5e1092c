package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.GeneratedTable.Column;
import io.ectowatch.connect.generated.GeneratedTable.Kind;
import io.ectowatch.connect.generated.GeneratedTable.Made;
import io.ectowatch.connect.generated.Program.Item;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random tables with their partitions, children, views, generated columns, policies and foreign keys. */
final class SchemaGenerator {

    private final Random random;
    private final Names names;
    private final Sorts sorts;

    final List<GeneratedTable> tables = new ArrayList<>();
    final List<String> create = new ArrayList<>();
    final List<Item> items = new ArrayList<>();

    SchemaGenerator(Random random, Names names, Sorts sorts) {
        this.random = random;
        this.names = names;
        this.sorts = sorts;
    }

    void generate() {
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Kind kind = random.nextInt(4) == 0 ? Kind.PARTITIONED : Kind.PLAIN;
            tables.add(table(kind, null));
        }
        for (GeneratedTable parent : List.copyOf(tables)) {
            if (parent.countable() && !parent.deferrable() && random.nextInt(2) == 0) {
                tables.add(table(Kind.PLAIN, parent));
            }
        }
        if (random.nextInt(6) == 0) {
            family();
        }
        for (GeneratedTable table : tables) {
            if (table.kind() != Kind.PARENT && table.kind() != Kind.CHILD && random.nextInt(6) == 0) {
                items.add(Item.plain("ALTER TABLE " + table.sql() + " ENABLE ROW LEVEL SECURITY; ALTER TABLE "
                        + table.sql() + " FORCE ROW LEVEL SECURITY; CREATE POLICY shown ON " + table.sql()
                        + " USING (coalesce(" + table.number().sql() + ", 0) <> 7)"));
            }
        }
    }

    private GeneratedTable table(Kind kind, GeneratedTable parent) {
        String name = names.next("t");
        List<Column> columns = new ArrayList<>();
        List<Column> key = new ArrayList<>();
        String deferrable = parent == null && random.nextInt(8) == 0
                ? random.nextBoolean() ? " DEFERRABLE" : " DEFERRABLE INITIALLY DEFERRED"
                : "";
        int shape = kind == Kind.PARTITIONED ? random.nextInt(2) * 2 : random.nextInt(4);
        if (shape != 1) {
            String type = List.of("int", "bigint", "smallint").get(random.nextInt(3));
            key.add(new Column(names.next("id"), Sort.integers(type, 1, 6), true, Made.WRITTEN));
        }
        if (shape == 1 || shape == 2) {
            key.add(new Column(names.next("k"), sorts.key(random), true, Made.WRITTEN));
        }
        Column partitioned = key.get(0);
        Column reference = null;
        if (parent != null) {
            boolean inKey = random.nextInt(3) == 0;
            reference = new Column(names.next("ref"), parent.key().get(0).sort(), inKey, Made.WRITTEN);
            (inKey ? key : columns).add(reference);
        }
        Collections.shuffle(key, random);
        Column number = new Column(names.next("n"), Sort.integers("int", 0, 9), false, Made.WRITTEN);
        columns.addAll(key);
        columns.add(number);
        columns.addAll(others(number));
        Collections.shuffle(columns, random);
        String sql = SqlText.identifier(name);
        List<String> targets = new ArrayList<>(List.of(sql));
        create.add("CREATE TABLE " + sql + " (" + definitions(columns, number) + ", PRIMARY KEY ("
                + GeneratedTable.list(key) + ")" + deferrable + ")"
                + (kind == Kind.PARTITIONED ? partitions(sql, partitioned, targets) : ""));
        if (random.nextInt(4) == 0) {
            String view = SqlText.identifier(names.next("v"));
            create.add("CREATE VIEW " + view + " AS SELECT * FROM " + sql + " ");
            targets.add(view);
        }
        if (reference != null) {
            items.add(reference(sql, name, reference, parent));
        }
        return new GeneratedTable(name, columns, key, number, kind, !deferrable.isEmpty(), targets);
    }

    private List<Column> others(Column number) {
        List<Column> others = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            others.add(new Column(names.next("c"), sorts.any(random), false, Made.WRITTEN));
        }
        if (random.nextInt(2) == 0) {
            others.add(new Column(names.next("tag"), sorts.key(random), true, Made.WRITTEN));
        }
        if (random.nextInt(4) == 0) {
            others.add(new Column(names.next("g"), Sort.integers("int", 0, 0), false, Made.STORED));
        }
        if (random.nextInt(6) == 0 && TestDatabase.serverVersion() >= 18) {
            others.add(new Column(names.next("g"), Sort.integers("int", 0, 0), false, Made.VIRTUAL));
        }
        if (random.nextInt(6) == 0) {
            others.add(new Column(names.next("seq"), Sort.integers("bigint", 0, 0), true, Made.IDENTITY));
        }
        return others;
    }

    private String definitions(List<Column> columns, Column number) {
        List<String> definitions = new ArrayList<>();
        for (Column column : columns) {
            definitions.add(column.sql() + " " + column.sort().declared() + (column.notNull() ? " NOT NULL" : "")
                    + switch (column.made()) {
                        case WRITTEN -> "";
                        case STORED -> " GENERATED ALWAYS AS (coalesce(" + number.sql() + ", -1) * 2) STORED";
                        case VIRTUAL -> " GENERATED ALWAYS AS (coalesce(" + number.sql() + ", -1) * 3) VIRTUAL";
                        case IDENTITY -> " GENERATED ALWAYS AS IDENTITY";
                    });
        }
        return String.join(", ", definitions);
    }

    private String partitions(String table, Column by, List<String> targets) {
        List<String> parts = new ArrayList<>();
        String method;
        switch (random.nextInt(3)) {
            case 0 -> {
                method = "RANGE";
                parts.addAll(List.of("FOR VALUES FROM (MINVALUE) TO (4)", "FOR VALUES FROM (4) TO (MAXVALUE)"));
            }
            case 1 -> {
                method = "LIST";
                parts.addAll(List.of("FOR VALUES IN (1, 2, 3)", "DEFAULT"));
            }
            default -> {
                method = "HASH";
                parts.addAll(List.of(
                        "FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "FOR VALUES WITH (MODULUS 2, REMAINDER 1)"));
            }
        }
        StringBuilder sql = new StringBuilder(" PARTITION BY " + method + " (" + by.sql() + ")");
        for (String part : parts) {
            String name = SqlText.identifier(names.next("p"));
            sql.append("; CREATE TABLE ")
                    .append(name)
                    .append(" PARTITION OF ")
                    .append(table)
                    .append(' ')
                    .append(part);
            if (random.nextInt(4) == 0) {
                String leaf = SqlText.identifier(names.next("p"));
                sql.append(" PARTITION BY HASH (")
                        .append(by.sql())
                        .append("); CREATE TABLE ")
                        .append(leaf)
                        .append(" PARTITION OF ")
                        .append(name)
                        .append(" FOR VALUES WITH (MODULUS 1, REMAINDER 0)");
                targets.add(leaf);
            }
            targets.add(name);
        }
        return sql.toString();
    }

    private Item reference(String sql, String name, Column column, GeneratedTable parent) {
        List<String> actions = List.of("NO ACTION", "CASCADE", "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT");
        String text = "ALTER TABLE " + sql + " ADD FOREIGN KEY (" + column.sql() + ") REFERENCES " + parent.sql()
                + " ON DELETE " + actions.get(random.nextInt(6)) + " ON UPDATE " + actions.get(random.nextInt(6));
        if (random.nextInt(3) == 0) {
            text += " DEFERRABLE" + (random.nextBoolean() ? " INITIALLY DEFERRED" : "");
        }
        return new Item(text, parent.name(), name, false, false);
    }

    /** A table and one that inherits from it, with keys of its own. */
    private void family() {
        Column key = new Column(names.next("id"), Sort.integers("int", 1, 6), true, Made.WRITTEN);
        Column number = new Column(names.next("n"), Sort.integers("int", 0, 9), false, Made.WRITTEN);
        List<Column> columns = new ArrayList<>(List.of(key, number));
        others(number).stream().filter(column -> column.made() != Made.IDENTITY).forEach(columns::add);
        String parent = names.next("t");
        String child = names.next("t");
        create.add("CREATE TABLE " + SqlText.identifier(parent) + " (" + definitions(columns, number)
                + ", PRIMARY KEY (" + key.sql() + ")); CREATE TABLE " + SqlText.identifier(child) + " (PRIMARY KEY ("
                + key.sql() + ")) INHERITS (" + SqlText.identifier(parent) + ")");
        tables.add(new GeneratedTable(
                parent, columns, List.of(key), number, Kind.PARENT, false, List.of(SqlText.identifier(parent))));
        Column childKey = new Column(key.name(), Sort.integers("int", 101, 106), true, Made.WRITTEN);
        List<Column> childColumns = new ArrayList<>(columns);
        childColumns.set(0, childKey);
        tables.add(new GeneratedTable(
                child, childColumns, List.of(childKey), number, Kind.CHILD, false, List.of(SqlText.identifier(child))));
    }
}
