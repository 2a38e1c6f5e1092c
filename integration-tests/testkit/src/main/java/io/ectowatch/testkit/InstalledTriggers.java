package io.ectowatch.testkit;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** Waits for a connector's triggers. A task can be running before all of them are installed. */
public final class InstalledTriggers {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    // The bits of pg_trigger.tgtype: 4 insert, 8 delete, 16 update.
    private static final String QUERY = """
            SELECT count(*), count(DISTINCT (tgrelid, tgtype & 28))
            FROM pg_trigger
            WHERE starts_with(tgname, 'ectowatch.' || ? || '.') AND tgrelid = ANY (?::regclass[]) AND tgtype & 28 <> 0
            """;

    private static final int EVENTS = 3;

    private InstalledTriggers() {}

    /**
     * Waits until each of the tables has the connector's triggers for inserts, updates and deletes.
     *
     * @return the number of triggers
     */
    public static int await(PostgresServer server, String database, String connector, List<String> tables) {
        return await(server, database, connector, tables, EVENTS * tables.size());
    }

    /**
     * Waits until the tables have all of the connector's triggers.
     *
     * @param events the sum, over all tables, of the events (insert, update, delete) that have a trigger
     * @return the number of triggers
     */
    public static int await(PostgresServer server, String database, String connector, List<String> tables, int events) {
        return Awaitility.await("triggers of " + connector + " on " + tables)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .atMost(TIMEOUT)
                .until(() -> count(server, database, connector, tables, events), count -> count > 0);
    }

    private static int count(PostgresServer server, String database, String connector, List<String> tables, int events)
            throws SQLException {
        try (Connection connection = server.connect(database);
                PreparedStatement statement = connection.prepareStatement(QUERY)) {
            Array names = connection.createArrayOf("text", tables.toArray());
            statement.setString(1, connector);
            statement.setArray(2, names);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(2) == events ? result.getInt(1) : 0;
            }
        }
    }
}
