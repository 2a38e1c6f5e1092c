package io.ectowatch.it.faults;

import io.ectowatch.it.faults.Fault.Injection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** What is done to watched tables while they are written to. None of it is a loss. */
final class TableFaults {

    private static final int TRIES = 20;

    private final Parts parts;

    private TableFaults(Parts parts) {
        this.parts = parts;
    }

    static List<Fault> of(Parts parts) {
        TableFaults faults = new TableFaults(parts);
        return List.of(
                new Fault("column added and dropped", 5, faults::column),
                new Fault("column renamed", 4, faults::renamedColumn),
                new Fault("table renamed and back", 5, faults::rename),
                new Fault("index created and dropped", 4, faults::index),
                new Fault("table rewritten", 4, faults::rewrite),
                new Fault("partition attached and detached", 6, faults::partition),
                new Fault("table truncated", 7, faults::truncate));
    }

    /** A deadlock with a writer is repeated. */
    private void execute(String... statements) throws SQLException {
        for (String sql : statements) {
            for (int i = 1; ; i++) {
                try {
                    parts.database().execute(sql);
                    break;
                } catch (SQLException e) {
                    if (i == TRIES || !"40P01".equals(e.getSQLState())) {
                        throw e;
                    }
                }
            }
        }
    }

    private static String table(Injection injection) {
        String table = WatchedTables.NAMES.get(injection.between(0, 1));
        injection.note(table);
        return table;
    }

    private void column(Injection injection) throws Exception {
        String table = table(injection);
        execute("ALTER TABLE " + table + " ADD COLUMN more text DEFAULT 'a'");
        injection.hold(0, 600);
        execute("ALTER TABLE " + table + " DROP COLUMN more");
    }

    private void renamedColumn(Injection injection) throws Exception {
        String table = table(injection);
        execute("ALTER TABLE " + table + " RENAME COLUMN note TO remark");
        injection.hold(0, 600);
        execute("ALTER TABLE " + table + " RENAME COLUMN remark TO note");
    }

    private void rename(Injection injection) throws Exception {
        String table = table(injection);
        execute("ALTER TABLE " + table + " RENAME TO renamed");
        if (injection.between(1, 10) == 1) {
            injection.hold(5_000, 6_000); // The connector has noticed.
        } else {
            injection.hold(0, 600);
        }
        execute("ALTER TABLE renamed RENAME TO " + table);
    }

    private void index(Injection injection) throws Exception {
        String table = table(injection);
        execute("CREATE INDEX more ON " + table + " (n)");
        injection.hold(0, 300);
        execute("REINDEX TABLE " + table, "DROP INDEX more");
    }

    private void rewrite(Injection injection) throws Exception {
        String table = table(injection);
        int length = injection.between(10, 1000);
        execute(
                injection.random().nextBoolean()
                        ? "VACUUM FULL " + table
                        : "ALTER TABLE " + table + " ALTER note TYPE varchar(" + length + ") USING note || ''");
    }

    /** The partition is attached and detached without rows. In between its rows are changed over the root. */
    private void partition(Injection injection) throws Exception {
        execute(
                "CREATE TABLE parts_more (LIKE parts INCLUDING ALL)",
                "ALTER TABLE parts ATTACH PARTITION parts_more FOR VALUES FROM (1000) TO (2000)");
        int row = 1000 + injection.between(0, 900);
        execute(
                WatchedTables.logged("INSERT INTO parts VALUES (" + row + ", 0) RETURNING id, n", "parts", "inserted"),
                WatchedTables.logged(
                        "UPDATE parts SET n = n + 1 WHERE id = " + row + " RETURNING id, n", "parts", "updated"));
        injection.hold(0, 300);
        execute(
                WatchedTables.logged(
                        "DELETE FROM parts WHERE id = " + row + " RETURNING id, NULL::int", "parts", "deleted"),
                "ALTER TABLE parts DETACH PARTITION parts_more",
                "DROP TABLE parts_more");
    }

    private void truncate(Injection injection) throws Exception {
        String table = table(injection);
        boolean undone = injection.between(1, 4) == 1;
        injection.note(undone ? "rolled back" : "committed");
        try (Connection connection = parts.database().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("TRUNCATE " + table);
            statement.execute("INSERT INTO ledger (tab, id, event) SELECT '" + table
                    + "', id, 'truncated' FROM generate_series(0, " + (WatchedTables.KEYS - 1) + ") AS id");
            if (undone) {
                connection.rollback();
            } else {
                connection.commit();
            }
        } catch (SQLException e) {
            injection.note("failed: " + e.getSQLState()); // A deadlock: nothing has happened.
        }
    }
}
