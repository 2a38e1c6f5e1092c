package io.ectowatch.it.faults;

import io.ectowatch.it.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tables {@code entries} and {@code parts}, which is partitioned, and the table {@code ledger} with each of their changes
 * since the last comparison. The ledger is written in the transaction of the change.
 */
final class WatchedTables {

    static final List<String> NAMES = List.of("entries", "parts");

    /** The keys of both tables are below. */
    static final int KEYS = 20;

    /** A key whose changes are not in the ledger. Its value counts the comparisons. */
    static final int MARKER = -1;

    private final TestDatabase database;

    WatchedTables(TestDatabase database) {
        this.database = database;
    }

    /** What a table has, and what was done to it. Both are of one snapshot. */
    record Content(Map<Integer, Integer> rows, Map<Integer, List<String>> changes, int lines) {}

    /** Creates the tables, and the connector's role. */
    void create(String role) throws SQLException {
        database.execute(
                "CREATE TABLE entries (id int PRIMARY KEY, n int, note text)",
                "CREATE TABLE parts (id int PRIMARY KEY, n int, note text) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (10)",
                "CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (10) TO (1000)",
                "CREATE TABLE aside (id int PRIMARY KEY)",
                "CREATE TABLE ledger (line bigserial PRIMARY KEY, tab text, id int, event text, n int,"
                        + " txid bigint DEFAULT pg_current_xact_id()::text::bigint)",
                "CREATE ROLE " + role + " LOGIN PASSWORD 'right'",
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + role,
                "ALTER DEFAULT PRIVILEGES GRANT SELECT, TRIGGER ON TABLES TO " + role,
                "GRANT SELECT, TRIGGER ON ALL TABLES IN SCHEMA public TO " + role);
    }

    /** A change as the ledger has it. */
    static String line(long txid, String event, Integer value) {
        return txid + " " + event + " " + value;
    }

    /** A statement that makes a change, which returns {@code id} and {@code n}, and writes it into the ledger. */
    static String logged(String change, String table, String event) {
        return "WITH changed (id, n) AS (" + change + ") INSERT INTO ledger (tab, id, event, n) SELECT '" + table
                + "', id, '" + event + "', n FROM changed";
    }

    /** Writes the marker into both tables. */
    void mark(int value) throws SQLException {
        for (String table : NAMES) {
            database.execute("INSERT INTO " + table + " VALUES (" + MARKER + ", " + value
                    + ") ON CONFLICT (id) DO UPDATE SET n = " + value);
        }
    }

    /** The number of changes in the ledger. */
    int lines() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM ledger")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Reads the tables, and empties the ledger. No writer may run. */
    Map<String, Content> take() throws SQLException {
        Map<String, Content> contents = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String table : NAMES) {
                contents.put(table, read(statement, table));
            }
            statement.execute("DELETE FROM ledger");
            connection.commit();
        }
        return contents;
    }

    private static Content read(Statement statement, String table) throws SQLException {
        Map<Integer, Integer> rows = new TreeMap<>();
        try (ResultSet row = statement.executeQuery("SELECT id, n FROM " + table)) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getInt(2));
            }
        }
        Map<Integer, List<String>> changes = new HashMap<>();
        int lines = 0;
        try (ResultSet row = statement.executeQuery(
                "SELECT id, txid, event, n FROM ledger WHERE tab = '" + table + "' ORDER BY line")) {
            while (row.next()) {
                lines++;
                changes.computeIfAbsent(row.getInt(1), any -> new ArrayList<>())
                        .add(line(row.getLong(2), row.getString(3), row.getObject(4, Integer.class)));
            }
        }
        return new Content(rows, changes, lines);
    }
}
