package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements that change many rows at once, in durable delivery. */
class ManyRowsIT {

    private static final String JOURNAL =
            "(SELECT xmin, * FROM ectowatch.\"shop.journal.0\" UNION ALL SELECT xmin, * FROM ectowatch.\"shop.journal.1\""
                    + " UNION ALL SELECT xmin, * FROM ectowatch.\"shop.journal.2\") AS j";

    @NewDatabase
    private TestDatabase database;

    @ParameterizedTest
    @CsvSource({"smallint, 1", "int, -1", "bigint, 9000000000000", "oid, 4000000000"})
    void integerKeysOfManyRowsAreCarriedAsThoseOfOne(String type, long key) throws Exception {
        database.execute("CREATE TABLE items (id " + type + " PRIMARY KEY, n int)");
        try (Watching watching = watch()) {
            database.execute(
                    "INSERT INTO items VALUES (" + key + "), (" + (key + 1) + ")",
                    "UPDATE items SET n = 1",
                    "DELETE FROM items WHERE id = " + key,
                    "DELETE FROM items");
            watching.changes(6);
            assertThat(watching.published())
                    .containsExactly(
                            "public.items inserted [" + key + "]",
                            "public.items inserted [" + (key + 1) + "]",
                            "public.items updated [" + key + "]",
                            "public.items updated [" + (key + 1) + "]",
                            "public.items deleted [" + key + "]",
                            "public.items deleted [" + (key + 1) + "]");
        }
    }

    @Test
    void uuidsOfManyRowsAreCarriedAsThoseOfOne() throws Exception {
        String one = "6b1f7b1e-8e0a-4c8e-9f55-0d3f6f0f0001";
        String other = "6b1f7b1e-8e0a-4c8e-9f55-0d3f6f0f0002";
        database.execute("CREATE TABLE items (id uuid PRIMARY KEY, n int)");
        try (Watching watching = watch()) {
            database.execute(
                    "INSERT INTO items VALUES ('" + one + "'), ('" + other + "')",
                    "DELETE FROM items WHERE id = '" + one + "'");
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactly(
                            "public.items inserted [" + one + "]",
                            "public.items inserted [" + other + "]",
                            "public.items deleted [" + one + "]");
        }
    }

    @Test
    void theOrderOfTheRowsIsKept() throws Exception {
        database.execute("CREATE TABLE items (id int PRIMARY KEY)");
        try (Watching watching = watch()) {
            database.execute("INSERT INTO items SELECT g FROM generate_series(2500, 1, -1) g");
            watching.changes(2_500);
            assertThat(watching.published())
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 2_500)
                            .mapToObj(i -> "public.items inserted [" + (2_501 - i) + "]")
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"int", "numeric"})
    void keysThatChangePlacesWereUpdated(String type) throws Exception {
        database.execute("CREATE TABLE items (id " + type + " PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int)");
        database.execute("INSERT INTO items SELECT g FROM generate_series(1, 2500) g");
        try (Watching watching = watch()) {
            database.execute("UPDATE items SET id = 2501 - id");
            watching.changes(2_500);
            assertThat(watching.published()).allMatch(change -> change.startsWith("public.items updated"));
            assertThat(watching.published()).doesNotHaveDuplicates();

            watching.forget();
            database.execute("UPDATE items SET id = id + 1");
            watching.changes(2_501);
            assertThat(watching.published()).doesNotHaveDuplicates();
            assertThat(watching.published()).contains("public.items deleted [1]", "public.items inserted [2501]");
            assertThat(watching.published().stream().filter(change -> change.contains("updated")))
                    .hasSize(2_499);
        }
    }

    /** Else each change between two of another event would take a row of its own. */
    @Test
    void manyChangedKeysTakeFewJournalRows() throws Exception {
        database.execute("CREATE TABLE items (id int PRIMARY KEY)");
        database.execute("INSERT INTO items SELECT g FROM generate_series(1, 2500) g");
        watch().close();
        database.execute("UPDATE items SET id = CASE WHEN id % 2 = 0 THEN -id ELSE id END");
        assertThat(rows("SELECT count(*) FROM " + JOURNAL)).containsExactly("6");
    }

    @Test
    void anUpdateOfManyRowsPublishesNothingForAWatcherOfOtherEvents() throws Exception {
        database.execute(
                "CREATE TABLE items (id int PRIMARY KEY DEFERRABLE, n int)", "INSERT INTO items VALUES (1), (2), (3)");
        try (Watching watching =
                Watching.start(database, "tables=items", "delivery.mode=durable", "events=inserted,deleted")) {
            database.execute("UPDATE items SET n = 1", "UPDATE items SET id = id + 1");
            watching.changes(2);
            assertThat(watching.published()).containsExactly("public.items deleted [1]", "public.items inserted [4]");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noStatementTakesASubtransactionNumber(boolean rowTriggers) throws Exception {
        database.execute("CREATE TABLE items (id int PRIMARY KEY, words text)");
        watch("row.triggers=" + rowTriggers).close();
        database.execute(
                "INSERT INTO items VALUES (0)",
                "INSERT INTO items SELECT g FROM generate_series(1, 3000) g",
                "UPDATE items SET words = 'x'",
                "UPDATE items SET id = -id",
                "DELETE FROM items");
        assertThat(rows("SELECT count(*) > 4, count(*) FILTER (WHERE xmin <> xid::xid) FROM " + JOURNAL))
                .containsExactly("t 0");
    }

    @Test
    void columnsThatAreCalledAsTheTriggersVariablesDoNotMatter() throws Exception {
        String columns = "state bigint, change_lsn text, entry text, many int, change int, run int, run_event int,"
                + " run_length int, alike int, taken int, whole int";
        database.execute("CREATE TABLE items (keys int PRIMARY KEY DEFERRABLE, " + columns + ")");
        try (Watching watching = watch("row.triggers=false")) {
            database.execute(
                    "INSERT INTO items (keys) VALUES (1), (2)",
                    "UPDATE items SET many = 1",
                    "UPDATE items SET keys = keys + 1",
                    "DELETE FROM items");
            watching.changes(9);
            // Of the keys 1 and 2, made 2 and 3, one was updated.
            assertThat(watching.published()).hasSize(9).noneMatch(change -> change.contains("resync"));
        }
    }

    @Test
    void aNameMayHaveALineBreak() throws Exception {
        database.execute(
                "CREATE TABLE items (\"i\nd\" int PRIMARY KEY DEFERRABLE)", "INSERT INTO items VALUES (1), (2)");
        try (Watching watching = watch()) {
            database.execute("UPDATE items SET \"i\nd\" = \"i\nd\" + 1");
            watching.changes(3);
            assertThat(watching.published())
                    .containsExactlyInAnyOrder(
                            "public.items deleted [1]", "public.items updated [2]", "public.items inserted [3]");
        }
    }

    /** A key that has become text could else look like two rows. */
    @Test
    void aKeyOfAnotherTypeIsNotTakenForTwo() throws Exception {
        database.execute("CREATE TABLE items (id int PRIMARY KEY)");
        watch().close();
        database.execute("ALTER TABLE items ALTER COLUMN id TYPE text", "INSERT INTO items VALUES ('1],[2')");
        assertThat(rows("SELECT body FROM " + JOURNAL)).isEmpty();
        try (Watching watching = watch()) {
            watching.awaitResync();
        }
    }

    @Test
    void aKeyOfAnotherTypeFailsNoStatementHoweverManyRowsItHas() throws Exception {
        database.execute("CREATE TABLE items (id int PRIMARY KEY, n int)");
        watch().close();
        database.execute(
                "ALTER TABLE items ALTER COLUMN id TYPE text",
                "INSERT INTO items VALUES ('1'), ('2'), ('three')",
                "UPDATE items SET n = 1",
                "DELETE FROM items");
        try (Watching watching = watch()) {
            watching.awaitResync();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE ectowatch.\"shop.journal.0\"",
                "DROP TABLE ectowatch.\"shop.journal.2\"",
                "ALTER TABLE ectowatch.\"shop.journal.0\" RENAME TO elsewhere",
                "DROP SEQUENCE ectowatch.\"shop.ring\"",
                "DROP FUNCTION ectowatch.\"shop.guard\"",
                "DROP FUNCTION ectowatch.\"shop.append\"",
                "DROP SCHEMA ectowatch CASCADE"
            })
    void whatIsTakenAwayUnderASessionThatHasWrittenBeforeFailsNoStatement(String taken) throws Exception {
        database.execute(
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "CREATE TABLE words (id text PRIMARY KEY)",
                "CREATE TABLE chosen (id int PRIMARY KEY, n int)");
        Watching.start(
                        database,
                        "tables=items,words",
                        "watchers=w",
                        "watchers.w.table=chosen",
                        "watchers.w.row.triggers=true")
                .close();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            List<String> statements = new ArrayList<>();
            for (int id = 0; id < 600; id++) {
                statements.add("INSERT INTO items VALUES (" + id + ")");
                statements.add("INSERT INTO chosen VALUES (" + id + ")");
            }
            statements.addAll(List.of(
                    "INSERT INTO items SELECT g FROM generate_series(1000, 4000) g",
                    "UPDATE items SET n = 1 WHERE id = 1",
                    "UPDATE items SET n = 2 WHERE id < 5000",
                    "UPDATE items SET id = -id WHERE id < 5000 AND id > 0",
                    "DELETE FROM items",
                    "UPDATE chosen SET n = 1 WHERE id = 1",
                    "UPDATE chosen SET id = -id WHERE id < 200 AND id > 0",
                    "DELETE FROM chosen",
                    "INSERT INTO words SELECT g FROM generate_series(1, 40000) g",
                    "DELETE FROM words"));
            for (String sql : statements) {
                statement.execute(sql);
            }
            database.execute(taken);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private Watching watch() throws Exception {
        return watch("delivery.mode=durable");
    }

    private Watching watch(String setting) throws Exception {
        return Watching.start(database, "tables=items", setting);
    }

    private List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    columns.add(row.getString(i));
                }
                rows.add(String.join(" ", columns));
            }
        }
        return rows;
    }
}
