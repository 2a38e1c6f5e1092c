package io.ectowatch.connect.trigger;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** A database in which a table called items is watched, in durable delivery. */
final class Items {

    private static final String[] SETTINGS = {"tables=items", "delivery.mode=durable"};

    private final TestDatabase database;

    Items(TestDatabase database) {
        this.database = database;
    }

    Watching begin() {
        return Watching.begin(database, SETTINGS);
    }

    Watching resume(Map<String, ?> offset) throws Exception {
        return Watching.resume(database, offset, SETTINGS);
    }

    Connection connect() throws SQLException {
        return database.connect();
    }

    Watching watch(String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(SETTINGS));
        all.addAll(List.of(settings));
        return Watching.start(database, all.toArray(String[]::new));
    }

    static List<String> published(String event, long first, long last) {
        return LongStream.range(0, last - first + 1)
                .mapToObj(i -> "public.items " + event + " [" + (first + i) + "]")
                .toList();
    }

    /** In a session of its own: what one has done before, PostgreSQL may count with what it does now. */
    void execute(String... statements) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    List<String> bodies(String event) throws Exception {
        List<String> bodies = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT body
                        FROM (SELECT * FROM ectowatch."shop.journal.0" UNION ALL SELECT * FROM ectowatch."shop.journal.1"
                              UNION ALL SELECT * FROM ectowatch."shop.journal.2") AS j
                        WHERE event = '%s' ORDER BY lsn""".formatted(event))) {
            while (row.next()) {
                bodies.add(row.getString(1));
            }
        }
        return bodies;
    }
}
