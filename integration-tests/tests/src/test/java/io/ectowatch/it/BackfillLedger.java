package io.ectowatch.it;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * The tables of {@link BackfillLedgerIT}: {@code items}, of which the table {@code ledger} has each change; {@code stock}, of
 * which some changes are made without triggers; and {@code calls}, the backfills that were called.
 */
final class BackfillLedger {

    /** The number of rows that {@code items} has at first. */
    static final int ROWS = 4000;

    /** The key of the last change. */
    static final int LAST = -1;

    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private final TestDatabase database;

    BackfillLedger(TestDatabase database) {
        this.database = database;
    }

    void createTables() throws SQLException {
        database.execute(
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "INSERT INTO items SELECT n * 2, 0 FROM generate_series(1, " + ROWS + ") AS n",
                "CREATE TABLE stock (id int PRIMARY KEY, n int)",
                "INSERT INTO stock SELECT n * 2, 0 FROM generate_series(1, " + ROWS / 8 + ") AS n",
                "CREATE TABLE ledger (line bigserial PRIMARY KEY, id int, event text, n int,"
                        + " txid bigint DEFAULT pg_current_xact_id()::text::bigint)",
                "CREATE TABLE calls (id text PRIMARY KEY, condition text, stopped bool)");
    }

    /** The rows of {@code items} before the first change. */
    static Map<Integer, Integer> initial() {
        Map<Integer, Integer> rows = new HashMap<>();
        for (int n = 1; n <= ROWS; n++) {
            rows.put(n * 2, 0);
        }
        return rows;
    }

    /** Changes of stock that no trigger captures. The connector sees later that its triggers were disabled. */
    void loseChanges() throws SQLException {
        database.execute("BEGIN; ALTER TABLE stock DISABLE TRIGGER USER; DELETE FROM stock WHERE id % 7 = 0;"
                + " UPDATE stock SET n = n + 1000 WHERE id % 5 = 0;"
                + " ALTER TABLE stock ENABLE TRIGGER USER; COMMIT");
    }

    /** The ids of the backfills that were called. */
    List<String> called() throws SQLException {
        List<String> called = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM calls")) {
            while (row.next()) {
                called.add(row.getString(1));
            }
        }
        return called;
    }

    /** Makes the last change of each table. */
    void writeLast() throws SQLException {
        database.execute(
                "WITH changed AS (INSERT INTO items VALUES (" + LAST + ", 0) RETURNING id, n)"
                        + " INSERT INTO ledger (id, event, n) SELECT id, 'inserted', n FROM changed",
                "INSERT INTO stock VALUES (" + LAST + ", 0)");
    }

    /** The changes of each row of {@code items}, in order. */
    Map<Integer, List<String>> changes() throws SQLException {
        Map<Integer, List<String>> expected = new HashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, txid, event, n FROM ledger ORDER BY line")) {
            while (row.next()) {
                expected.computeIfAbsent(row.getInt(1), any -> new ArrayList<>())
                        .add(PublishedTable.line(row.getLong(2), row.getString(3), row.getObject(4, Integer.class)));
            }
        }
        return expected;
    }

    /** The rows that a table has. */
    Map<Integer, Integer> rows(String table) throws SQLException {
        Map<Integer, Integer> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, n FROM " + table)) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getInt(2));
            }
        }
        return rows;
    }

    /** Whether a backfill has no condition. Those of the setting have none. */
    boolean isOfWholeTable(String id) {
        return retried(() -> number("SELECT count(*) FROM calls WHERE id = '" + id + "' AND condition IS NOT NULL"))
                == 0;
    }

    /** The result, as soon as the database answers. */
    static long retried(Callable<Long> query) {
        return await().atMost(TIMEOUT)
                .pollDelay(Duration.ZERO)
                .ignoreExceptions()
                .until(query, any -> true);
    }

    long number(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
