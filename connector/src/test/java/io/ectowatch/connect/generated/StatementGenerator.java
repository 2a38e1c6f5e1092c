package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.GeneratedTable.Column;
import io.ectowatch.connect.generated.GeneratedTable.Kind;
import io.ectowatch.connect.generated.Program.Statement;
import io.ectowatch.connect.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Random statements of an application. */
final class StatementGenerator {

    private final Random random;
    /** Without transactions. */
    private final Program program;

    private final boolean calm;

    /** @param calm whether no statement changes a row more than once */
    StatementGenerator(Random random, Program program, boolean calm) {
        this.random = random;
        this.program = program;
        this.calm = calm;
    }

    Statement next() {
        GeneratedTable table =
                program.tables().get(random.nextInt(program.tables().size()));
        return switch (random.nextInt(22)) {
            case 0, 1, 2, 3, 4 -> plain(insert(table, target(table), 1 + random.nextInt(4)), table, false);
            case 5, 6, 7, 8 -> plain(update(table, target(table)), table, false);
            case 9, 10, 11 -> plain(updateOfKey(table, target(table)), table, true);
            case 12, 13 -> plain("DELETE FROM " + target(table) + " WHERE " + where(table), table, false);
            case 14, 15 ->
                TestDatabase.serverVersion() >= 15
                        ? plain(merge(table, target(table)), table, true)
                        : plain(update(table, target(table)), table, false);
            case 16 -> copy(table);
            case 17 -> truncate(table);
            case 18, 19 -> with(table);
            case 20 -> bulk(table);
            default -> calm ? plain(update(table, target(table)), table, false) : several(table);
        };
    }

    /** An insertion that the program starts with. */
    String rows(GeneratedTable table) {
        return insert(table, table.sql(), 5);
    }

    private Statement plain(String sql, GeneratedTable table, boolean movesKeys) {
        return new Statement(sql, null, table.name(), Set.of(), movesKeys, Set.of());
    }

    private String target(GeneratedTable table) {
        return table.targets()
                .get(random.nextInt(4) > 0 ? 0 : random.nextInt(table.targets().size()));
    }

    private String insert(GeneratedTable table, String target, int rows) {
        List<Column> written = table.written();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            values.add(written.stream().map(this::value).collect(Collectors.joining(", ", "(", ")")));
        }
        String sql =
                "INSERT INTO " + target + " (" + GeneratedTable.list(written) + ") VALUES " + String.join(", ", values);
        boolean rules = program.items().stream().anyMatch(item -> item.sql().startsWith("CREATE RULE"));
        if (table.deferrable() || rules || random.nextInt(3) == 0) {
            return sql;
        }
        return sql + " ON CONFLICT"
                + switch (random.nextInt(3)) {
                    case 0 -> " DO NOTHING";
                    case 1 ->
                        " (" + table.keyList() + ") DO UPDATE SET "
                                + table.number().sql() + " = excluded."
                                + table.number().sql();
                    default ->
                        " (" + table.keyList() + ") DO UPDATE SET "
                                + written.stream()
                                        .filter(column -> !table.key().contains(column))
                                        .map(column -> column.sql() + " = excluded." + column.sql())
                                        .collect(Collectors.joining(", "));
                };
    }

    private String update(GeneratedTable table, String target) {
        String n = table.number().sql();
        Column column = table.written().get(random.nextInt(table.written().size()));
        boolean key = table.key().contains(column);
        String set =
                switch (random.nextInt(4)) {
                    case 0 -> n + " = " + n + " + 1";
                    case 1 -> n + " = " + n;
                    default -> key ? n + " = " + value(table.number()) : column.sql() + " = " + value(column);
                };
        return "UPDATE " + target + " SET " + set + " WHERE " + where(table);
    }

    private String updateOfKey(GeneratedTable table, String target) {
        Column column = table.key().get(random.nextInt(table.key().size()));
        String set = column.sql() + " = ";
        if (!column.sort().isNumber() || random.nextInt(4) == 0) {
            set += value(column);
        } else {
            set += switch (random.nextInt(table.deferrable() ? 3 : 2)) {
                case 0 -> column.sql() + " + " + (random.nextBoolean() ? 1 : 6);
                case 1 -> column.sql() + " - 1";
                default -> "7 - " + column.sql();
            };
        }
        if (random.nextBoolean()) {
            set += ", " + table.number().sql() + " = " + value(table.number());
        }
        return "UPDATE " + target + " SET " + set + " WHERE " + where(table);
    }

    private String merge(GeneratedTable table, String target) {
        Column first = table.key().get(0);
        int by = 2 + random.nextInt(3);
        String rows = first.sort().values().stream()
                .limit(6)
                .filter(value -> random.nextInt(3) > 0)
                .map(value -> "(" + value.sql() + ", " + random.nextInt(9) + ")")
                .collect(Collectors.joining(", "));
        if (rows.isEmpty()) {
            rows = "(" + value(first) + ", 1)";
        }
        String n = table.number().sql();
        String action =
                switch (random.nextInt(3)) {
                    case 0 -> "DELETE";
                    case 1 -> "DO NOTHING";
                    default -> "UPDATE SET " + n + " = s.v + 1";
                };
        String sql = "MERGE INTO " + target + " AS t USING (VALUES " + rows + ") AS s (k, v) ON t." + first.sql()
                + " = s.k WHEN MATCHED AND s.v % " + by + " = 0 THEN " + action + " WHEN MATCHED THEN UPDATE SET " + n
                + " = s.v WHEN NOT MATCHED AND s.v <> 3 THEN INSERT (" + GeneratedTable.list(table.written())
                + ") VALUES ("
                + table.written().stream()
                        .map(column ->
                                column.equals(first) ? "s.k" : column.equals(table.number()) ? "s.v" : value(column))
                        .collect(Collectors.joining(", "))
                + ")";
        if (TestDatabase.serverVersion() >= 17 && random.nextInt(3) == 0) {
            sql += " WHEN NOT MATCHED BY SOURCE AND t." + n + " > 4 THEN "
                    + (random.nextBoolean() ? "DELETE" : "UPDATE SET " + n + " = 1");
        }
        return sql;
    }

    private Statement copy(GeneratedTable table) {
        StringBuilder data = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            data.append(table.written().stream().map(this::csv).collect(Collectors.joining(",")))
                    .append('\n');
        }
        return new Statement(
                "COPY " + table.sql() + " (" + GeneratedTable.list(table.written())
                        + ") FROM STDIN (FORMAT csv, NULL '\\N')",
                data.toString(),
                table.name(),
                Set.of(),
                false,
                Set.of());
    }

    private Statement truncate(GeneratedTable table) {
        boolean cascade = random.nextBoolean();
        Set<String> truncated = new HashSet<>(Set.of(table.name()));
        if (cascade) {
            boolean more = true;
            while (more) {
                more = program.items().stream()
                        .anyMatch(item -> item.sql().contains(" ADD FOREIGN KEY ")
                                && truncated.contains(item.from())
                                && truncated.add(item.to()));
            }
        }
        if (table.kind() == Kind.PARENT) {
            program.tables().stream()
                    .filter(other -> other.kind() == Kind.CHILD)
                    .forEach(child -> truncated.add(child.name()));
        }
        return new Statement(
                "TRUNCATE " + table.sql() + (cascade ? " CASCADE" : ""),
                null,
                table.name(),
                Set.of(),
                false,
                truncated);
    }

    /** Several modifications in one query. */
    private Statement with(GeneratedTable table) {
        GeneratedTable other =
                program.tables().get(random.nextInt(program.tables().size()));
        String sql = "WITH one AS (" + modification(other, other.sql()) + " RETURNING 1) "
                + modification(table, table.sql());
        Set<String> reached = program.reached(Set.of(table.name()));
        Set<String> both = new HashSet<>(program.reached(Set.of(other.name())));
        both.retainAll(reached);
        boolean family = other.kind() == Kind.PARENT || other.kind() == Kind.CHILD;
        if (family || calm && !both.isEmpty()) {
            return plain(modification(table, table.sql()), table, true);
        }
        return new Statement(sql, null, table.name(), both, true, Set.of());
    }

    private String modification(GeneratedTable table, String target) {
        return switch (random.nextInt(4)) {
            case 0 -> insert(table, target, 2);
            case 1 -> "DELETE FROM " + target + " WHERE " + where(table);
            case 2 -> updateOfKey(table, target);
            default -> update(table, target);
        };
    }

    /** Many rows: of each, the key is a number. */
    private Statement bulk(GeneratedTable table) {
        if (!table.countable() || table.key().get(0).sort().declared().equals("smallint")) {
            return plain("UPDATE " + table.sql() + " SET " + table.number().sql() + " = 2", table, false);
        }
        Column key = table.key().get(0);
        int from = 1000 * (1 + random.nextInt(3));
        int rows = 900 + random.nextInt(1500);
        return switch (random.nextInt(4)) {
            case 0, 1 ->
                plain(
                        "INSERT INTO " + table.sql() + " (" + GeneratedTable.list(table.written()) + ") SELECT "
                                + table.written().stream()
                                        .map(column -> column.equals(key) ? "s.i" : value(column))
                                        .collect(Collectors.joining(", "))
                                + " FROM generate_series(" + from + ", " + (from + rows)
                                + (random.nextBoolean() ? "" : ", 2") + ") AS s (i)",
                        table,
                        false);
            case 2 ->
                plain(
                        "UPDATE " + table.sql() + " SET " + key.sql() + " = " + key.sql() + " + 5000 WHERE " + key.sql()
                                + " > 900",
                        table,
                        true);
            default -> plain("DELETE FROM " + table.sql() + " WHERE " + key.sql() + " > 900", table, false);
        };
    }

    /** Several statements at once: in one message, or in a block of PL/pgSQL. */
    private Statement several(GeneratedTable table) {
        List<String> all = new ArrayList<>();
        for (int i = 2 + random.nextInt(2); i > 0; i--) {
            all.add(modification(table, target(table)));
        }
        String sql = String.join("; ", all);
        if (random.nextBoolean()) {
            sql = "DO $several$ BEGIN " + sql + "; END $several$";
        }
        return new Statement(sql, null, table.name(), Set.of(table.name()), true, Set.of());
    }

    private String where(GeneratedTable table) {
        Column key = table.key().get(random.nextInt(table.key().size()));
        String n = table.number().sql();
        return switch (random.nextInt(6)) {
            case 0, 1 -> key.sql() + " = " + value(key);
            case 2 -> key.sql() + " IN (" + value(key) + ", " + value(key) + ", " + value(key) + ")";
            case 3 -> n + " % 2 = " + random.nextInt(2);
            case 4 -> n + " IS NULL OR " + n + " < " + random.nextInt(9);
            default -> "true";
        };
    }

    private String value(Column column) {
        List<Sort.Value> values = column.sort().values();
        return !column.notNull() && random.nextInt(5) == 0
                ? "NULL"
                : values.get(random.nextInt(Math.min(values.size(), 6))).sql();
    }

    private String csv(Column column) {
        List<Sort.Value> values = column.sort().values();
        return !column.notNull() && random.nextInt(5) == 0
                ? "\\N"
                : "\""
                        + values.get(random.nextInt(Math.min(values.size(), 6)))
                                .text()
                                .replace("\"", "\"\"") + "\"";
    }
}
