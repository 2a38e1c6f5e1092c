package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/** Reads the keys of a table through a cursor in one transaction, and does nothing with them. */
final class PlainRead implements Contender {

    private static final int FETCH_SIZE = 10_000;

    @Override
    public String name() {
        return "plain-read";
    }

    @Override
    public String description() {
        return "reads the keys of the table through a JDBC cursor in one transaction, without Kafka";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.PUBLISHES_ROWS);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) {
        return new UnwatchedTables(environment) {
            @Override
            public void publishRows(String table, int rows) throws SQLException {
                int read = read(environment, "SELECT id FROM " + table);
                if (read < rows) {
                    throw new IllegalStateException("the table has only " + read + " rows");
                }
            }
        };
    }

    private static int read(Environment environment, String query) throws SQLException {
        int read = 0;
        try (Connection connection = environment.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false); // otherwise the driver reads all rows at once
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet row = statement.executeQuery(query)) {
                while (row.next()) {
                    row.getLong(1);
                    read++;
                }
            }
        }
        return read;
    }
}
