package io.ectowatch.connect;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.Patience;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/**
 * Copies of tables that a consumer makes from records: a row is there with its values from its last {@code inserted} or
 * {@code updated} on and gone from its last {@code deleted} on; at a {@code resync} the table is read again. The tables have
 * an integer key and another column, {@code n}.
 */
final class Mirror {

    private final Connection connection;
    private final Watching watching;
    private final Map<String, Map<Integer, Integer>> tables = new HashMap<>();
    private int marks;
    private int taken;
    private boolean marked;

    /** {@code watching} has the tables with {@code n}, and the table {@code marks}. */
    Mirror(Connection connection, Watching watching) {
        this.connection = connection;
        this.watching = watching;
    }

    /** Takes what has been reported up to now, and waits for the copy to be like the table. */
    Map<Integer, Integer> awaitCopyOf(String table) throws SQLException {
        marks++;
        marked = false;
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO marks VALUES (" + marks + ", 0)");
        }
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    take();
                    return marked;
                });
        Map<Integer, Integer> rows = read(table);
        // A journal's losses are announced behind what it has.
        long end = System.nanoTime() + Patience.LIMIT.toNanos();
        while (!copyOf(table).equals(rows) && System.nanoTime() < end) {
            try {
                take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return copyOf(table);
    }

    /** What had been received has been forgotten. */
    void forgotten() {
        taken = 0;
    }

    Map<Integer, Integer> copyOf(String table) {
        return tables.computeIfAbsent(table, name -> new TreeMap<>());
    }

    /** What the table has. */
    Map<Integer, Integer> read(String table) throws SQLException {
        Map<Integer, Integer> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, n FROM " + table)) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getInt(2));
            }
        }
        return rows;
    }

    private void take() throws SQLException, InterruptedException {
        watching.poll();
        var received = watching.received();
        for (; taken < received.size(); taken++) {
            apply(received.get(taken));
        }
    }

    private void apply(Change change) throws SQLException {
        String table = change.table().shape().name().table();
        Map<Integer, Integer> copy = copyOf(table);
        switch (change.event()) {
            case INSERTED, UPDATED -> copy.put((Integer) change.values()[0], (Integer) change.values()[1]);
            case DELETED -> copy.remove((Integer) change.values()[0]);
            case TRUNCATED -> copy.clear();
            case RESYNC -> {
                copy.clear();
                copy.putAll(read(table));
            }
        }
        marked |= table.equals("marks") && change.values() != null && change.values()[0].equals(marks);
    }
}
