package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Row triggers in durable delivery: they read the columns of the row directly, without a query. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class RowTriggersIT {

    /** Whether the table is partitioned. An ordinary one has row triggers because its watcher asks for them. */
    @Parameter
    private boolean partitioned;

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        String items = "CREATE TABLE items (id int, \"a \"\"b\" int, note text, PRIMARY KEY (id, \"a \"\"b\"))";
        if (!partitioned) {
            database.execute(items);
            return;
        }
        database.execute(
                items + " PARTITION BY RANGE (\"a \"\"b\")",
                // Its columns have other places than those of the table.
                "CREATE TABLE items_rest (note text, gone int, \"a \"\"b\" int NOT NULL, id int NOT NULL)",
                "ALTER TABLE items_rest DROP COLUMN gone",
                "ALTER TABLE items ATTACH PARTITION items_rest DEFAULT");
    }

    @Test
    void aValueThatIsTooLargeIsLeftOut() throws Exception {
        try (Watching watching = watch(
                "watchers=items",
                "watchers.items.table=items",
                "watchers.items.events=inserted,updated,deleted",
                "watchers.items.extra.columns=note")) {
            database.execute(
                    "INSERT INTO items VALUES (1, 1, 'short')",
                    "UPDATE items SET note = repeat('x', 600000)",
                    "UPDATE items SET note = NULL, id = 2",
                    "DELETE FROM items");

            watching.changes(5);
            assertThat(watching.published())
                    .containsExactly(
                            "public.items inserted [1, 1, short]",
                            "public.items updated [1, 1]",
                            "public.items deleted [1, 1]",
                            "public.items inserted [2, 1, null]",
                            "public.items deleted [2, 1, null]");
        }
    }

    /** In a session that has used the triggers before, and in a new one. */
    @Test
    void aKeyThatWasAlteredFailsNoStatement() throws Exception {
        watch("tables=items").close();
        try (Connection before = database.connect();
                Statement old = before.createStatement()) {
            old.execute("SET client_min_messages = log");
            change(old);
            for (String alteration : List.of("ALTER items ALTER id TYPE text", "ALTER items RENAME id TO other")) {
                database.execute(alteration.replace("ALTER items", "ALTER TABLE items"));
                long losses = losses();
                assertThat(change(old))
                        .hasSize(3)
                        .allMatch(line -> line.matches(
                                "(?s)ectowatch: [A-Z]+ on public\\.items(_rest)? could not be written to the journal: .*"
                                        + "(id|type).*"));
                assertThat(losses()).isGreaterThan(losses);
                losses = losses();
                try (Connection after = database.connect();
                        Statement young = after.createStatement()) {
                    change(young);
                }
                assertThat(losses()).isGreaterThan(losses);
            }
        }
        try (Watching watching = watch("tables=items")) {
            watching.awaitResync();
        }
    }

    private Watching watch(String... settings) throws Exception {
        return Watching.start(
                database,
                Stream.concat(Arrays.stream(settings), Stream.of("row.triggers=" + !partitioned))
                        .toArray(String[]::new));
    }

    /** Changes a row, and returns what the triggers have logged, if the session shows it. */
    private static List<String> change(Statement statement) throws SQLException {
        List<String> logged = new ArrayList<>();
        for (String sql :
                List.of("INSERT INTO items VALUES ('1', 1)", "UPDATE items SET note = 'x'", "DELETE FROM items")) {
            statement.execute(sql);
            for (SQLWarning line = statement.getWarnings(); line != null; line = line.getNextWarning()) {
                logged.add(line.getMessage());
            }
        }
        return logged;
    }

    private long losses() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT last_value FROM ectowatch.\"shop.lost\"")) {
            row.next();
            return row.getLong(1);
        }
    }
}
