package io.ectowatch.connect;

import io.ectowatch.connect.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Statements, triggers and transactions that change the same few rows again and again. */
final class RandomStatements {

    private static final String[] EVENTS = {"INSERT", "UPDATE", "DELETE"};

    private final Random random;

    RandomStatements(Random random) {
        this.random = random;
    }

    /** Triggers of the application's, whose names sort before or behind those of the connector. */
    List<String> triggers(String table) {
        List<String> statements = new ArrayList<>();
        String function = "CREATE OR REPLACE FUNCTION %s_%s(k int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF"
                + " coalesce(current_setting('test.depth', true), '') < '11' THEN PERFORM set_config('test.depth',"
                + " coalesce(current_setting('test.depth', true), '') || '1', true); %s; PERFORM"
                + " set_config('test.depth', substr(current_setting('test.depth', true), 2), true); END IF; RETURN k; END $$";
        statements.add(function.formatted("f", table, change(table, "k")));
        for (String name : List.of("a", "b", "x")) {
            if (random.nextInt(3) == 0) {
                continue;
            }
            String event = EVENTS[random.nextInt(3)];
            boolean before = random.nextInt(4) == 0;
            boolean row = random.nextInt(4) > 0;
            String key = row ? event.equals("DELETE") ? "OLD.id" : "NEW.id" : number();
            String body = change(table, key);
            if (random.nextInt(3) == 0) {
                body += "; " + change(table, key);
            }
            if (random.nextInt(3) == 0) {
                body = "BEGIN " + body + "; EXCEPTION WHEN unique_violation OR triggered_data_change_violation OR"
                        + " cardinality_violation THEN NULL; END";
            }
            String result = !before || !row ? "NULL" : event.equals("DELETE") ? "OLD" : "NEW";
            statements.add("CREATE OR REPLACE FUNCTION " + name + "_" + table
                    + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF pg_trigger_depth() < 4 AND random_allows() THEN "
                    + body + "; END IF; RETURN " + result + "; END $$");
            statements.add("CREATE TRIGGER " + name + (before ? " BEFORE " : " AFTER ") + event + " ON " + table
                    + " FOR EACH " + (row ? "ROW" : "STATEMENT") + " EXECUTE FUNCTION " + name + "_" + table + "()");
        }
        statements.replaceAll(sql -> sql.replace(" AND random_allows()", ""));
        return statements;
    }

    List<String> dropTriggers(String table) {
        return List.of("a", "b", "x").stream()
                .map(name -> "DROP TRIGGER IF EXISTS " + name + " ON " + table)
                .toList();
    }

    /** What a client sends, message by message. */
    List<String> transaction(String table) {
        List<String> statements = new ArrayList<>();
        int number = 1 + random.nextInt(3);
        switch (random.nextInt(4)) {
            case 0 -> statements.add(statement(table));
            case 1 -> {
                statements.add("BEGIN");
                for (int i = 0; i < number; i++) {
                    statements.add(statement(table));
                }
                statements.add("COMMIT");
            }
            case 2 -> {
                StringBuilder all = new StringBuilder("DO $$ BEGIN ");
                for (int i = 0; i < number; i++) {
                    all.append(withoutResult(table)).append("; ");
                }
                statements.add(all + "END $$");
            }
            default -> {
                List<String> all = new ArrayList<>();
                for (int i = 0; i < number; i++) {
                    all.add(statement(table));
                }
                statements.add(String.join("; ", all));
            }
        }
        return statements;
    }

    private String statement(String table) {
        return switch (random.nextInt(3)) {
            case 0 -> {
                String sql = simple(table);
                yield random.nextInt(4) == 0 ? sql + " RETURNING f_" + table + "(" + table + ".id)" : sql;
            }
            default -> withoutResult(table);
        };
    }

    private String withoutResult(String table) {
        if (TestDatabase.serverVersion() >= 15 && random.nextInt(6) == 0) {
            return "MERGE INTO " + table + " AS p USING (VALUES (1), (2), (3), (4), (5)) AS s (id) ON p.id = s.id"
                    + " WHEN MATCHED AND s.id = " + number() + " THEN DELETE"
                    + " WHEN MATCHED AND s.id = " + number() + " THEN UPDATE SET " + set(false)
                    + " WHEN NOT MATCHED AND s.id <> " + number() + " THEN INSERT VALUES (s.id, " + value() + ")";
        }
        if (random.nextInt(2) == 0) {
            String first = random.nextBoolean() ? delete(table, some()) : update(table, some());
            String last =
                    switch (random.nextInt(4)) {
                        case 0 -> delete(table, some());
                        case 1 -> update(table, some());
                        default ->
                            "INSERT INTO " + table + " SELECT w.old, " + value() + " FROM w"
                                    + (random.nextBoolean() ? " LIMIT 1" : "");
                    };
            String returning = " RETURNING " + (first.startsWith("UPDATE") ? "id - 3" : "id") + " AS old";
            return "WITH w AS (" + first + returning + ") " + last;
        }
        return simple(table);
    }

    private String simple(String table) {
        return switch (random.nextInt(3)) {
            case 0 -> insert(table);
            case 1 -> update(table, some());
            default -> delete(table, some());
        };
    }

    /** What a trigger or a function does about a row. */
    private String change(String table, String key) {
        String where = random.nextInt(3) == 0 ? some() : "id = " + key;
        return switch (random.nextInt(4)) {
            case 0 ->
                "INSERT INTO " + table + " VALUES (" + (random.nextBoolean() ? key : number()) + ", " + value()
                        + ") ON CONFLICT (id) DO " + (random.nextBoolean() ? "NOTHING" : "UPDATE SET n = " + value());
            case 1 -> delete(table, where);
            default -> update(table, where);
        };
    }

    private String insert(String table) {
        String rows = "(" + number() + ", " + value() + ")";
        if (random.nextBoolean()) {
            rows = "(1, " + value() + "), (2, " + value() + "), (5, " + value() + ")";
        }
        return "INSERT INTO " + table + " VALUES " + rows + " ON CONFLICT (id) DO "
                + (random.nextBoolean() ? "NOTHING" : "UPDATE SET n = " + value());
    }

    private String update(String table, String where) {
        return "UPDATE " + table + " SET " + set(random.nextInt(3) == 0) + " WHERE " + where;
    }

    private String delete(String table, String where) {
        return "DELETE FROM " + table + " WHERE " + where;
    }

    private String set(boolean key) {
        return key ? "id = id + 3" : "n = " + value();
    }

    private String some() {
        return switch (random.nextInt(4)) {
            case 0 -> "id = " + number();
            case 1 -> "id <= 3";
            case 2 -> "id % 2 = 0";
            default -> "id IN (" + number() + ", " + number() + ")";
        };
    }

    private String number() {
        return Integer.toString(1 + random.nextInt(6));
    }

    private String value() {
        return Integer.toString(random.nextInt(1000));
    }
}
