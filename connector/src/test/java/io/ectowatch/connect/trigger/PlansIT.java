package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plans of the triggers' statements, which PostgreSQL keeps for as long as a session lasts. */
class PlansIT {

    @NewDatabase
    private TestDatabase database;

    /**
     * PL/pgSQL keeps the plan that it made for a session's first statement, here of one row: as a nested loop, it would
     * read two thousand rows two thousand times.
     */
    @ParameterizedTest
    @ValueSource(strings = {"int", "uuid", "text"})
    void aPlanMadeForOneRowReadsEachOfManyRowsButAFewTimes(String type) throws Exception {
        database.execute("CREATE TABLE items (id " + type + " PRIMARY KEY, n int, words text)");
        String id = type.equals("uuid") ? "md5(g::text)::uuid" : "g::" + type;
        database.execute("INSERT INTO items SELECT " + id + ", 0 FROM generate_series(1, 2000) g");
        Watching.start(
                        database,
                        "delivery.mode=durable",
                        "watchers=w",
                        "watchers.w.table=items",
                        "watchers.w.extra.columns=" + (type.equals("text") ? "words" : ""))
                .close();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("LOAD 'auto_explain'");
            statement.execute("SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;"
                    + " SET auto_explain.log_analyze = on; SET auto_explain.log_format = json;"
                    + " SET client_min_messages = log");
            for (String sql : List.of(
                    "INSERT INTO items VALUES (" + id.replace("g", "(-1)") + ")",
                    "UPDATE items SET n = 1 WHERE id = " + id.replace("g", "(-1)"),
                    // Makes the plan for a changed key too.
                    "UPDATE items SET id = " + id.replace("g", "(-2)") + " WHERE id = " + id.replace("g", "(-1)"),
                    "DELETE FROM items WHERE id = " + id.replace("g", "(-2)"))) {
                statement.execute(sql);
            }
            for (String sql : List.of(
                    "INSERT INTO items SELECT " + id + ", 0 FROM generate_series(10001, 12000) g",
                    "UPDATE items SET n = n + 1",
                    "UPDATE items SET id = " + id.replace("g", "(100000 + n)") + " WHERE n = 1 AND id = "
                            + id.replace("g", "1"),
                    "UPDATE items SET id = " + changed(type),
                    "DELETE FROM items")) {
                statement.clearWarnings();
                statement.execute(sql);
                assertThat(rowsRead(statement.getWarnings())).as(sql).isLessThan(100_000);
            }
        }
    }

    private static String changed(String type) {
        return switch (type) {
            case "int" -> "id + 1000000";
            case "uuid" -> "md5(id::text)::uuid";
            default -> "id || 'x'";
        };
    }

    /** The most rows that any node of any plan gave. */
    private static long rowsRead(SQLWarning warnings) {
        long most = -1;
        for (SQLWarning warning = warnings; warning != null; warning = warning.getNextWarning()) {
            long loops = 0;
            for (String line : warning.getMessage().split("\n")) {
                String[] pair = line.trim().replace(",", "").split(": ");
                if (pair[0].equals("\"Actual Rows\"")) {
                    loops = Math.round(Double.parseDouble(pair[1]));
                } else if (pair[0].equals("\"Actual Loops\"")) {
                    most = Math.max(most, loops * Long.parseLong(pair[1]));
                }
            }
        }
        assertThat(most).as("no plan was logged").isPositive();
        return most;
    }
}
