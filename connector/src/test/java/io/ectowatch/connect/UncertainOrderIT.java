package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the triggers cannot see by themselves: rules that replace a query, and a server that does not count rows. The last
 * record of a key agrees with the table all the same.
 */
@InBothDeliveries
class UncertainOrderIT extends EitherDelivery {

    private static final String[] TABLES = {"plain", "parts", "chosen"};

    @BeforeEach
    void tables() throws SQLException {
        database.execute(
                "CREATE TABLE plain (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE chosen (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE parts (id int PRIMARY KEY, n int NOT NULL DEFAULT 0) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (4)",
                "CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (4) TO (MAXVALUE)",
                "CREATE TABLE marks (id int PRIMARY KEY, n int)");
        for (String table : TABLES) {
            database.execute(
                    "INSERT INTO " + table + " VALUES (1, 1), (2, 2), (5, 5)",
                    "CREATE VIEW some_" + table + " AS SELECT * FROM " + table + " WHERE n >= 0",
                    "CREATE TABLE door_" + table + " (n int)");
        }
    }

    @Test
    void aRowThatARuleDeletesAndInsertsAgainIsThere() throws Exception {
        for (String table : TABLES) {
            rule(table, table);
        }
        agree(TABLES, "INSERT INTO door_%s VALUES (7)");
    }

    @Test
    void aRowThatARuleDeletesAndInsertsAgainThroughAViewIsThere() throws Exception {
        for (String table : TABLES) {
            rule(table, "some_" + table);
        }
        agree(TABLES, "INSERT INTO door_%s VALUES (7)");
    }

    @Test
    void aRowThatARuleChangesWhileTheTableIsWatchedIsThere() throws Exception {
        try (Watching watching = begin();
                Connection connection = database.connect()) {
            Mirror mirror = mirror(connection, watching);
            rule("plain", "plain");
            run(connection, "INSERT INTO door_plain VALUES (7)");
            await().until(() -> {
                watching.poll();
                return watching.published().contains("public.plain resync");
            });
            assertThat(mirror.awaitCopyOf("plain")).isEqualTo(mirror.read("plain"));
            watching.forget();
            mirror.forgotten();
            run(connection, "INSERT INTO door_plain VALUES (8)");
            assertThat(mirror.awaitCopyOf("plain"))
                    .as("%s", watching.published())
                    .isEqualTo(mirror.read("plain"));
            assertThat(watching.published()).doesNotContain("public.plain resync");
        }
    }

    @Test
    void rowsThatNobodyCountsAreThere() throws Exception {
        database.execute(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET track_counts = off', current_database()); END $$");
        for (String table : TABLES) {
            database.execute(
                    "CREATE FUNCTION back_" + table + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
                            + table + " VALUES (OLD.id, OLD.n + 1); RETURN NULL; END $$",
                    "CREATE TRIGGER back AFTER DELETE ON " + table
                            + " FOR EACH ROW WHEN (OLD.n = 2) EXECUTE FUNCTION back_" + table + "()",
                    "CREATE FUNCTION gone_" + table + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM "
                            + table + " WHERE id = NEW.id; RETURN NULL; END $$",
                    "CREATE TRIGGER gone AFTER INSERT OR UPDATE ON " + table
                            + " FOR EACH ROW WHEN (NEW.n = 99) EXECUTE FUNCTION gone_" + table + "()");
        }
        agree(
                TABLES,
                "WITH d AS (DELETE FROM %1$s WHERE id IN (1, 5) RETURNING id) INSERT INTO %1$s SELECT id, 9 FROM d LIMIT 1",
                "DELETE FROM %s WHERE id = 2",
                "INSERT INTO %s VALUES (3, 99)",
                "INSERT INTO %s VALUES (3, 99), (6, 6)",
                "UPDATE %s SET n = 99 WHERE id = 6",
                "WITH u AS (UPDATE %1$s SET id = id + 10 WHERE id IN (1, 2) RETURNING id - 10 AS id)"
                        + " INSERT INTO %1$s SELECT id, 9 FROM u LIMIT 1");
    }

    /** Each statement, with the table's name in it. */
    private void agree(String[] tables, String... statements) throws Exception {
        try (Watching watching = begin();
                Connection connection = database.connect()) {
            Mirror mirror = mirror(connection, watching);
            for (String table : tables) {
                for (String statement : statements) {
                    String sql = statement.formatted(table);
                    run(connection, sql);
                    assertThat(mirror.awaitCopyOf(table))
                            .as("%s: %s", sql, watching.published())
                            .isEqualTo(mirror.read(table));
                }
            }
        }
    }

    private Watching begin() throws Exception {
        return start(
                "table.poll.interval.ms=1000",
                "watchers=plain,parts,chosen,marks",
                "watchers.plain.table=plain",
                "watchers.plain.extra.columns=n",
                "watchers.plain.row.triggers=false",
                "watchers.parts.table=parts",
                "watchers.parts.extra.columns=n",
                "watchers.chosen.table=chosen",
                "watchers.chosen.extra.columns=n",
                "watchers.chosen.row.triggers=true",
                "watchers.marks.table=marks",
                "watchers.marks.extra.columns=n");
    }

    private static Mirror mirror(Connection connection, Watching watching) throws SQLException {
        Mirror mirror = new Mirror(connection, watching);
        for (String table : TABLES) {
            mirror.copyOf(table).putAll(mirror.read(table));
        }
        return mirror;
    }

    /** Replaces an insertion into the door by a query that deletes rows of that relation and inserts them again. */
    private void rule(String table, String relation) throws SQLException {
        database.execute("CREATE RULE again AS ON INSERT TO door_" + table + " DO INSTEAD WITH d AS (DELETE FROM "
                + relation + " WHERE id IN (1, 5) RETURNING id) INSERT INTO " + relation
                + " SELECT id, NEW.n FROM d LIMIT 1");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
