package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statements that change many rows, of which few count. */
class FilteredRowsIT {

    private static final int ROWS = 2_000;

    @NewDatabase
    private TestDatabase database;

    /**
     * PL/pgSQL keeps the plan that it made for a session's first statement, here of one row: as a nested loop, it would
     * read two thousand rows two thousand times.
     */
    @ParameterizedTest
    @CsvSource({"notify,int", "notify,text", "durable,int", "durable,text", "durable,bigint"})
    void aPlanMadeForOneRowReadsEachOfManyRowsButAFewTimes(String delivery, String type) throws Exception {
        database.execute(
                "CREATE TABLE users (id " + type + " PRIMARY KEY, email text, n int)",
                "INSERT INTO users SELECT g::" + type + ", 'e', 0 FROM generate_series(1, " + ROWS + ") g");
        try (Watching watching = Watching.start(
                        database,
                        "delivery.mode=" + delivery,
                        "watchers=w,v",
                        "watchers.w.table=users",
                        "watchers.w.columns=email",
                        "watchers.v.table=users",
                        "watchers.v.label=v",
                        "watchers.v.when=NEW.n < 0 OR OLD.n < 0",
                        "watchers.v.include.changed.columns=true");
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("LOAD 'auto_explain'");
            statement.execute("SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;"
                    + " SET auto_explain.log_analyze = on; SET auto_explain.log_format = json;"
                    + " SET client_min_messages = log");
            statement.execute("UPDATE users SET email = 'first' WHERE id::text = '1'");
            statement.execute("UPDATE users SET id = (id::text || '00000')::" + type + " WHERE id::text = '2'");
            statement.clearWarnings();
            statement.execute("UPDATE users SET n = 1, email = CASE WHEN length(id::text) = 2 THEN 'x' ELSE email END");

            assertThat(rowsRead(statement.getWarnings())).isLessThan(ROWS * 20);
            watching.changes(3 + 90);
            assertThat(watching.published()).hasSize(3 + 90);
        }
    }

    /** The most rows that any node of any plan gave. */
    private static long rowsRead(SQLWarning warnings) {
        long most = -1;
        for (SQLWarning warning = warnings; warning != null; warning = warning.getNextWarning()) {
            long rows = 0;
            for (String line : warning.getMessage().split("\n")) {
                String[] pair = line.trim().replace(",", "").split(": ");
                if (pair[0].equals("\"Actual Rows\"")) {
                    rows = Math.round(Double.parseDouble(pair[1]));
                } else if (pair[0].equals("\"Actual Loops\"")) {
                    most = Math.max(most, rows * Long.parseLong(pair[1]));
                }
            }
        }
        assertThat(most).as("no plan was logged").isPositive();
        return most;
    }

    /** What a condition looks at could be the trigger's variables, or its own. */
    @InBothDeliveries
    void columnsThatAreCalledAsTheTriggersVariablesDoNotMatter(String delivery) throws Exception {
        database.execute("CREATE TABLE odd (id int PRIMARY KEY, state int, entry int, change int, run int, event int,"
                + " choice int, key int, short int, given int, found int, new int, old int, c int, m int, j int, n int,"
                + " o int, r int, x int)");
        List<String> columns = List.of(
                "state", "entry", "change", "run", "event", "choice", "key", "short", "given", "found", "new", "old",
                "c", "m", "j", "n", "o", "r", "x");
        String condition = "NEW." + String.join(" = 7 AND NEW.", columns) + " = 7";
        try (Watching watching = Watching.start(
                database,
                "delivery.mode=" + delivery,
                "watchers=w",
                "watchers.w.table=odd",
                "watchers.w.events=inserted,updated",
                "watchers.w.columns=" + String.join(",", columns),
                "watchers.w.extra.columns=" + String.join(",", columns),
                "watchers.w.include.changed.columns=true",
                "watchers.w.old.values=true",
                "watchers.w.when=" + condition)) {
            String values = "(1" + ", 7".repeat(columns.size()) + "), (2" + ", 8".repeat(columns.size()) + ")";
            database.execute(
                    "INSERT INTO odd VALUES " + values,
                    "UPDATE odd SET " + String.join(" = 7, ", columns) + " = 7",
                    "UPDATE odd SET state = 8, c = 8");

            watching.changes(2);
            assertThat(watching.published())
                    .containsExactly(
                            "public.odd inserted [1" + ", 7".repeat(columns.size()) + "]",
                            "public.odd updated [2" + ", 7".repeat(columns.size()) + "]");
        }
    }

    @Test
    void aStatementOfWhichNothingCountsLeavesNothingInTheJournal() throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, email text, n int)",
                "INSERT INTO users SELECT g, 'e', 0 FROM generate_series(1, " + ROWS + ") g");
        Watching.start(
                        database,
                        "delivery.mode=durable",
                        "watchers=w",
                        "watchers.w.table=users",
                        "watchers.w.events=updated",
                        "watchers.w.columns=email")
                .close();

        database.execute("UPDATE users SET n = 1", "UPDATE users SET n = 2 WHERE id = 1");
        assertThat(journalRows()).isZero();
        database.execute("UPDATE users SET n = 3, email = 'x' WHERE id < 3");
        assertThat(journalRows()).isOne();
    }

    private long journalRows() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT (SELECT count(*) FROM ectowatch.\"shop.journal.0\") + (SELECT"
                        + " count(*) FROM ectowatch.\"shop.journal.1\") + (SELECT count(*) FROM"
                        + " ectowatch.\"shop.journal.2\")")) {
            row.next();
            return row.getLong(1);
        }
    }
}
