package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.InBothDeliveries;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tables whose primary key is deferrable: within a transaction, two rows may have the same key. If one of them goes, a
 * client that follows the records still has the other.
 */
@InBothDeliveries
class DeferrableKeysIT extends EitherDelivery {

    private static final String[] TABLES = {"plain", "parts", "replicated", "filtered", "chosen"};

    private Connection connection;
    private Watching watching;
    private Mirror mirror;

    @BeforeEach
    void tables() throws Exception {
        String deferrable = "(id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int NOT NULL DEFAULT 0)";
        database.execute(
                "CREATE TABLE plain " + deferrable,
                "CREATE TABLE replicated " + deferrable,
                "CREATE TABLE chosen " + deferrable,
                "CREATE TABLE parts " + deferrable + " PARTITION BY RANGE (id)",
                "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (4)",
                "CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (4) TO (MAXVALUE)",
                "CREATE TABLE filtered " + deferrable,
                "CREATE TABLE ordinary (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)",
                "CREATE TABLE marks (id int PRIMARY KEY, n int)");
        connection = database.connect();
        watching = start(
                "table.poll.interval.ms=1000",
                "watchers=plain,parts,replicated,filtered,chosen,ordinary,marks",
                "watchers.plain.table=plain",
                "watchers.plain.extra.columns=n",
                "watchers.plain.row.triggers=false",
                "watchers.parts.table=parts",
                "watchers.parts.extra.columns=n",
                "watchers.replicated.table=replicated",
                "watchers.replicated.extra.columns=n",
                "watchers.replicated.replicated=true",
                "watchers.filtered.table=filtered",
                "watchers.filtered.extra.columns=n",
                "watchers.filtered.columns=n",
                "watchers.chosen.table=chosen",
                "watchers.chosen.extra.columns=n",
                "watchers.chosen.row.triggers=true",
                "watchers.ordinary.table=ordinary",
                "watchers.ordinary.extra.columns=n",
                "watchers.marks.table=marks",
                "watchers.marks.extra.columns=n");
        mirror = new Mirror(connection, watching);
    }

    @AfterEach
    void close() throws Exception {
        watching.close();
        connection.close();
    }

    @Test
    void keysThatTwoStatementsExchangeAreThere() throws Exception {
        for (String table : TABLES) {
            run("INSERT INTO " + table + " VALUES (1, 1), (2, 2)");
            run(
                    "BEGIN",
                    "UPDATE " + table + " SET id = 2 WHERE n = 1",
                    "UPDATE " + table + " SET id = 1 WHERE n = 2",
                    "COMMIT");
            assertCopied(table);
            assertThat(announced(table)).as("%s", watching.published()).isPositive();
        }
    }

    @Test
    void aKeyThatIsInsertedBeforeItsOldRowGoesIsThere() throws Exception {
        for (String table : TABLES) {
            run("INSERT INTO " + table + " VALUES (1, 1), (2, 2), (3, 3)");
            run("BEGIN", "INSERT INTO " + table + " VALUES (1, 10)", "DELETE FROM " + table + " WHERE n = 1", "COMMIT");
            assertCopied(table);
            run(
                    "BEGIN",
                    "INSERT INTO " + table + " VALUES (2, 10), (3, 10)",
                    "DELETE FROM " + table + " WHERE n IN (2, 3)",
                    "COMMIT");
            assertCopied(table);
            run(
                    "BEGIN",
                    "INSERT INTO " + table + " SELECT id, 20 FROM " + table,
                    "UPDATE " + table + " SET id = id + 10 WHERE n < 20",
                    "COMMIT");
            assertCopied(table);
        }
    }

    @Test
    void aKeyAmongMoreThanATransactionRemembersIsThere() throws Exception {
        run("INSERT INTO plain SELECT i, 1 FROM generate_series(1, 2000) AS i");
        run(
                "BEGIN",
                "INSERT INTO plain SELECT i, 2 FROM generate_series(1, 2000) AS i",
                "DELETE FROM plain WHERE n = 1");
        run("COMMIT");
        assertCopied("plain");
        run("BEGIN");
        for (int i = 1; i <= 1000; i++) {
            run("INSERT INTO plain VALUES (" + i + ", 3)");
        }
        run("DELETE FROM plain WHERE n = 2 AND id IN (1, 77, 1000)", "DELETE FROM plain WHERE n = 2 AND id <= 1000");
        run("COMMIT");
        assertCopied("plain");
    }

    @Test
    void aStatementWithinAnotherThatDeletesTheOlderRowOfTheKeyLeavesTheNewOne() throws Exception {
        run(
                "CREATE FUNCTION replace_older() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " DELETE FROM plain WHERE id = NEW.id AND n <> NEW.n; RETURN NULL; END $$",
                "CREATE TRIGGER replace_older AFTER INSERT ON plain FOR EACH ROW EXECUTE FUNCTION replace_older()",
                "INSERT INTO plain VALUES (1, 1)");
        assertCopied("plain");
        run("INSERT INTO plain VALUES (1, 2)");
        assertCopied("plain");
    }

    @Test
    void keysThatOneStatementExchangesAreThere() throws Exception {
        for (String table : TABLES) {
            run("INSERT INTO " + table + " SELECT i, i FROM generate_series(1, 9) AS i");
            run("UPDATE " + table + " SET id = 10 - id");
            assertCopied(table);
            run("UPDATE " + table + " SET id = 1 + id % 9");
            assertCopied(table);
        }
    }

    /** A resync makes a client read the whole table. */
    @Test
    void otherKeysAndOtherTransactionsNeedNoResync() throws Exception {
        for (String table : TABLES) {
            run("INSERT INTO " + table + " VALUES (1, 1), (2, 2)");
            run("BEGIN", "INSERT INTO " + table + " VALUES (3, 3), (4, 4)", "DELETE FROM " + table + " WHERE id = 1");
            run("UPDATE " + table + " SET n = n + 1", "UPDATE " + table + " SET id = 9 WHERE id = 2", "COMMIT");
            run("DELETE FROM " + table + " WHERE id = 4", "INSERT INTO " + table + " VALUES (4, 5)");
            run("DELETE FROM " + table + " WHERE id = 4");
            run("BEGIN", "DELETE FROM " + table + " WHERE id = 3", "INSERT INTO " + table + " VALUES (3, 1), (5, 5)");
            run("SAVEPOINT s", "INSERT INTO " + table + " VALUES (7, 7)", "ROLLBACK TO s", "COMMIT");
            run("INSERT INTO " + table + " VALUES (1, 1)", "UPDATE " + table + " SET id = 4 - id WHERE id IN (1, 3)");
            assertCopied(table);
            assertThat(announced(table)).as("%s", watching.published()).isZero();
        }
    }

    @Test
    void aKeyThatBecomesDeferrableWhileItIsWatchedIsThere() throws Exception {
        run("INSERT INTO ordinary VALUES (1, 1), (2, 2)");
        run("ALTER TABLE ordinary DROP CONSTRAINT ordinary_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED");
        run("BEGIN", "INSERT INTO ordinary VALUES (1, 10)", "DELETE FROM ordinary WHERE n = 1", "COMMIT");
        await().until(() -> {
            watching.poll();
            return announced("ordinary") > 0;
        });
        await().until(() -> database.number("SELECT count(*) FROM pg_proc WHERE proname LIKE 'shop.public.ordinary.%'"
                        + " AND prosrc LIKE '%ectowatch.k%'")
                > 0);
        assertCopied("ordinary");
        long before = announced("ordinary");
        run("BEGIN", "INSERT INTO ordinary VALUES (2, 20)", "DELETE FROM ordinary WHERE n = 2", "COMMIT");
        assertCopied("ordinary");
        assertThat(announced("ordinary")).isGreaterThan(before);
    }

    /** With the seed of a failure one gets the same again. */
    @Test
    void aCopyIsLikeTheTableAfterEveryTransactionOfARandomProgram() throws Exception {
        Random random = new Random(2);
        int committed = 0;
        for (int i = 0; i < 100; i++) {
            String table = TABLES[i % TABLES.length];
            String[] statements = IntStream.range(0, 1 + random.nextInt(4))
                    .mapToObj(any -> statement(table, random))
                    .toArray(String[]::new);
            committed += attempt(statements) ? 1 : 0;
            assertThat(mirror.awaitCopyOf(table))
                    .as("after %s%n%s", String.join("; ", statements), watching.published())
                    .isEqualTo(mirror.read(table));
            watching.forget();
            mirror.forgotten();
        }
        assertThat(committed).isGreaterThan(20);
    }

    private static String statement(String table, Random random) {
        String key = Integer.toString(1 + random.nextInt(6));
        String n = Integer.toString(random.nextInt(4));
        return switch (random.nextInt(6)) {
            case 0 -> "INSERT INTO " + table + " VALUES (" + key + ", " + n + ")";
            case 1 -> "INSERT INTO " + table + " SELECT id, " + n + " FROM " + table + " WHERE id > " + key;
            case 2 -> "DELETE FROM " + table + " WHERE n = " + n;
            case 3 -> "UPDATE " + table + " SET id = 7 - id WHERE id > " + key;
            case 4 -> "UPDATE " + table + " SET id = " + key + ", n = n + 1 WHERE n = " + n;
            default -> "DELETE FROM " + table + " WHERE id = " + key + " AND n <> " + n;
        };
    }

    /** Returns false if two rows would keep the same key. */
    private boolean attempt(String... statements) throws SQLException {
        run("BEGIN");
        try {
            run(statements);
            run("COMMIT");
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("23505");
            run("ROLLBACK");
            return false;
        }
    }

    private long announced(String table) {
        return watching.received().stream()
                .filter(change -> change.event() == Event.RESYNC)
                .filter(change -> change.table().shape().name().table().equals(table))
                .count();
    }

    private void assertCopied(String table) throws SQLException {
        assertThat(mirror.awaitCopyOf(table)).as("%s", watching.published()).isEqualTo(mirror.read(table));
    }

    private void run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
