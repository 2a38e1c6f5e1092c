package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Inserts rows, each in its own transaction. */
final class CommittedRows implements Changes {

    private final Connection connection;
    private final PreparedStatement insert;

    CommittedRows(Environment environment, String table) throws SQLException {
        connection = environment.connect();
        connection.setAutoCommit(false);
        insert = connection.prepareStatement("INSERT INTO " + table + " (id, n, words) VALUES (?, 1, 'a')");
    }

    @Override
    public void make(int number, Timeline timeline) throws SQLException {
        insert.setLong(1, number);
        insert.executeUpdate();
        timeline.sent(number, System.nanoTime());
        connection.commit();
        timeline.returned(number, System.nanoTime());
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
