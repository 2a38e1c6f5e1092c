package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statements that change a row several times, by WITH, by triggers, by functions: the last record of a key says what the
 * table has. A client that follows the records has a copy of the table after every transaction.
 */
@InBothDeliveries
class OrderWithinStatementsIT extends EitherDelivery {

    private static final String[] TABLES = {"plain", "parts", "replicated", "chosen"};

    private Connection connection;
    private Watching watching;
    private Mirror mirror;

    @BeforeEach
    void tables() throws Exception {
        database.execute(
                "CREATE TABLE plain (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE replicated (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE chosen (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE marks (id int PRIMARY KEY, n int)",
                "CREATE TABLE parts (id int PRIMARY KEY, n int NOT NULL DEFAULT 0) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (4)",
                "CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (4) TO (MAXVALUE)");
        connection = database.connect();
        watching = start(
                "watchers=plain,parts,replicated,chosen,marks",
                "watchers.plain.table=plain",
                "watchers.plain.extra.columns=n",
                "watchers.plain.row.triggers=false",
                "watchers.parts.table=parts",
                "watchers.parts.extra.columns=n",
                "watchers.replicated.table=replicated",
                "watchers.replicated.extra.columns=n",
                "watchers.replicated.replicated=true",
                "watchers.chosen.table=chosen",
                "watchers.chosen.extra.columns=n",
                "watchers.chosen.row.triggers=true",
                "watchers.marks.table=marks",
                "watchers.marks.extra.columns=n");
        mirror = new Mirror(connection, watching);
    }

    @AfterEach
    void close() throws Exception {
        watching.close();
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void aRowThatIsInsertedAgainBesideItsDeletionIsThere(String table) throws Exception {
        runOn(table, "INSERT INTO plain VALUES (1, 1), (2, 2)");
        runOn(
                table,
                "WITH d AS (DELETE FROM plain WHERE id IN (1, 2) RETURNING id) INSERT INTO plain SELECT id, 9 FROM d LIMIT 1");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void aKeyThatIsTakenBesideTheUpdateThatFreedItIsThere(String table) throws Exception {
        runOn(table, "INSERT INTO plain VALUES (1, 1), (2, 2)");
        runOn(
                table,
                "WITH u AS (UPDATE plain SET id = id + 10 WHERE id IN (1, 2) RETURNING id - 10 AS id)"
                        + " INSERT INTO plain SELECT id, 9 FROM u LIMIT 1");
        assertCopied(table);
        runOn(
                table,
                "WITH d AS (DELETE FROM plain WHERE id IN (11, 12) RETURNING id)"
                        + " UPDATE plain SET id = (SELECT id FROM d WHERE plain.id = 1 LIMIT 1) WHERE id = 1");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "parts", "replicated", "chosen"})
    void whatATriggerMakesOfAnInsertedRowComesLast(String table) throws Exception {
        trigger(table, "a", "AFTER INSERT", "ROW", "UPDATE " + table + " SET n = n + 1 WHERE id = NEW.id");
        run("INSERT INTO " + table + " VALUES (1, 1)", "INSERT INTO " + table + " VALUES (2, 2), (3, 3)");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "parts", "replicated", "chosen"})
    void whatATriggerMakesOfAnUpdatedRowComesLast(String table) throws Exception {
        run("INSERT INTO " + table + " VALUES (1, 1), (2, 2), (3, 3)");
        trigger(
                table,
                "a",
                "AFTER UPDATE",
                "ROW",
                "UPDATE " + table + " SET n = n + 100 WHERE id = NEW.id AND n < 100");
        run("UPDATE " + table + " SET n = n + 1 WHERE id = 1", "UPDATE " + table + " SET n = n + 1");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "parts", "replicated", "chosen"})
    void aRowThatATriggerDeletesAgainIsGone(String table) throws Exception {
        trigger(table, "a", "AFTER INSERT OR UPDATE", "ROW", "DELETE FROM " + table + " WHERE id = NEW.id AND n > 5");
        run("INSERT INTO " + table + " VALUES (1, 9)", "INSERT INTO " + table + " VALUES (2, 1), (3, 9)");
        assertCopied(table);
        run("UPDATE " + table + " SET n = 9");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "parts", "replicated", "chosen"})
    void aRowThatATriggerBringsBackIsThere(String table) throws Exception {
        run("INSERT INTO " + table + " VALUES (1, 1), (2, 2), (3, 3)");
        trigger(table, "a", "AFTER DELETE", "ROW", "INSERT INTO " + table + " VALUES (OLD.id, OLD.n + 1)");
        run("DELETE FROM " + table + " WHERE id = 1", "DELETE FROM " + table);
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void aRowThatATriggerRemovesToMakeRoomIsThere(String table) throws Exception {
        runOn(table, "INSERT INTO plain VALUES (1, 1), (2, 2), (3, 3)");
        trigger(table, "a", "BEFORE INSERT", "ROW", "DELETE FROM plain WHERE id = NEW.id");
        runOn(table, "INSERT INTO plain VALUES (1, 9)");
        assertCopied(table);
        // Of these, PostgreSQL does not tell whether rows were there before, or have been inserted by the statement.
        runOn(table, "INSERT INTO plain VALUES (2, 9), (3, 9), (4, 9)");
        assertThat(mirror.awaitCopyOf(table)).isEqualTo(mirror.read(table));
    }

    @Test
    void whatAFunctionDoesToTheRowsOfItsStatementComesLast() throws Exception {
        run(
                "CREATE FUNCTION gone(k int) RETURNS int LANGUAGE sql VOLATILE AS"
                        + " 'DELETE FROM plain WHERE id = k; SELECT k'",
                "CREATE FUNCTION more(k int) RETURNS int LANGUAGE plpgsql AS"
                        + " $$ BEGIN UPDATE plain SET n = n + 1 WHERE id = k; RETURN k; END $$");
        run(
                "INSERT INTO plain VALUES (1, 1) RETURNING gone(id)",
                "INSERT INTO plain VALUES (2, 1), (3, 1) RETURNING more(id)");
        assertCopied("plain");
        run("UPDATE plain SET n = 7 RETURNING more(id)");
        assertCopied("plain");
    }

    /** Row triggers do not see how many rows a statement has. Where the order of several rows is not known, that is announced. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "parts", "replicated", "chosen"})
    void rowsThatAFunctionChangesOneByOneAreCopied(String table) throws Exception {
        run("CREATE FUNCTION gone(k int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM " + table
                + " WHERE id = k AND k <> 2; RETURN k; END $$");
        run("INSERT INTO " + table + " VALUES (1, 1) RETURNING gone(id)");
        assertCopied(table);
        run("INSERT INTO " + table + " VALUES (1, 1), (2, 2), (3, 3), (5, 5) RETURNING gone(id)");
        assertThat(mirror.awaitCopyOf(table)).isEqualTo(mirror.read(table));
        run("UPDATE " + table + " SET n = n + 1 RETURNING gone(id + 1)");
        assertThat(mirror.awaitCopyOf(table)).isEqualTo(mirror.read(table));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void rowsOfSeveralLevelsOfTriggersAreInTheirOrder(String table) throws Exception {
        trigger(table, "a", "AFTER INSERT", "ROW", "UPDATE plain SET n = n + 1 WHERE id = NEW.id");
        trigger(table, "b", "AFTER UPDATE", "ROW", "DELETE FROM plain WHERE id = NEW.id AND n = 2");
        trigger(table, "c", "AFTER DELETE", "ROW", "INSERT INTO plain VALUES (OLD.id, OLD.n + 5)");
        runOn(table, "INSERT INTO plain VALUES (1, 1)");
        assertCopied(table);
        runOn(table, "INSERT INTO plain VALUES (2, 1), (3, 0)");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void whatADeferredTriggerDoesComesLast(String table) throws Exception {
        runOn(
                table,
                "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " UPDATE plain SET n = n + 1 WHERE id = NEW.id; RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON plain DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
                        + " EXECUTE FUNCTION late()");
        runOn(table, "BEGIN; INSERT INTO plain VALUES (1, 1); UPDATE plain SET n = 5; COMMIT");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void rowsThatATableRefersToItselfByAreInTheirOrder(String table) throws Exception {
        runOn(
                table,
                "ALTER TABLE plain ADD parent int REFERENCES plain ON DELETE SET NULL ON UPDATE CASCADE",
                "INSERT INTO plain VALUES (1, 1, NULL), (2, 2, 1), (3, 3, 2)");
        trigger(table, "a", "AFTER UPDATE", "ROW", "UPDATE plain SET n = n + 10 WHERE id = NEW.id AND n < 10");
        runOn(table, "DELETE FROM plain WHERE id = 1");
        assertCopied(table);
        runOn(table, "UPDATE plain SET id = 5 WHERE id = 2", "DELETE FROM plain WHERE id = 5");
        assertCopied(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "chosen"})
    void mergedRowsAreInTheirOrder(String table) throws Exception {
        if (TestDatabase.serverVersion() < 15) {
            return;
        }
        String merge = """
                MERGE INTO plain p USING (VALUES (1), (2), (3)) AS s (id) ON p.id = s.id
                WHEN MATCHED AND s.id = 1 THEN DELETE
                WHEN MATCHED THEN UPDATE SET id = 7
                WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)
                """;
        runOn(table, "INSERT INTO plain VALUES (1, 1), (2, 2)", merge);
        assertCopied(table);
        runOn(table, "DELETE FROM plain", "INSERT INTO plain VALUES (1, 1), (2, 2)");
        trigger(table, "a", "AFTER DELETE", "ROW", "INSERT INTO plain VALUES (OLD.id, 50)");
        // Deletions and insertions beside each other, and a trigger's between them: that is announced.
        runOn(table, merge);
        assertThat(mirror.awaitCopyOf(table)).isEqualTo(mirror.read(table));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "parts", "replicated", "chosen"})
    void keysThatChangePlacesAreThere(String table) throws Exception {
        run(
                "ALTER TABLE " + table + " DROP CONSTRAINT " + table
                        + "_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED",
                "INSERT INTO " + table + " VALUES (1, 1), (2, 2)");
        run("UPDATE " + table + " SET id = 3 - id");
        assertCopied(table);
    }

    /** With the seed of a failure one gets the same again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCopyIsLikeTheTableAfterEveryTransactionOfARandomProgram(long seed) throws Exception {
        RandomStatements random = new RandomStatements(new Random(seed));
        for (int program = 0; program < 12; program++) {
            String table = TABLES[program % TABLES.length];
            attempt("DELETE FROM " + table);
            List<String> triggers = random.triggers(table);
            triggers.forEach(this::attempt);
            for (int i = 0; i < 8; i++) {
                List<String> statements = random.transaction(table);
                statements.forEach(this::attempt);
                assertThat(mirror.awaitCopyOf(table))
                        .as("%s with %s%nafter %s%n%s", table, triggers, statements, watching.published())
                        .isEqualTo(mirror.read(table));
                watching.forget();
                mirror.forgotten();
            }
            random.dropTriggers(table).forEach(this::attempt);
        }
    }

    private void assertCopied(String table) throws SQLException {
        assertThat(mirror.awaitCopyOf(table)).as("%s", watching.published()).isEqualTo(mirror.read(table));
        if (delivery().equals("durable")) {
            assertThat(database.column("SELECT is_called FROM ectowatch.\"shop.lost\""))
                    .containsExactly("f");
        }
    }

    private void trigger(String table, String name, String when, String level, String statement) throws SQLException {
        String function = name + "_" + table;
        String result = when.startsWith("BEFORE") ? "NEW" : "NULL";
        runOn(
                table,
                "CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + statement
                        + "; RETURN " + result + "; END $$",
                "CREATE TRIGGER " + name + " " + when + " ON " + table + " FOR EACH " + level + " EXECUTE FUNCTION "
                        + function + "()",
                "ALTER TABLE " + table + " ENABLE TRIGGER " + name);
    }

    /** Statements of the table {@code plain}, of that table instead. */
    private void runOn(String table, String... statements) throws SQLException {
        for (String sql : statements) {
            run(sql.replace("plain", table));
        }
    }

    private void run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Random statements may fail, as one that inserts a key twice. */
    private void attempt(String sql) {
        try {
            run(sql);
        } catch (SQLException e) {
            assertThat(Stream.of("23505", "27000", "21000", "25P02", "54001", "23502")
                            .toList())
                    .as("%s: %s", sql, e.getMessage())
                    .contains(e.getSQLState());
            if (sql.startsWith("COMMIT")) {
                throw new IllegalStateException(e);
            }
        }
    }
}
