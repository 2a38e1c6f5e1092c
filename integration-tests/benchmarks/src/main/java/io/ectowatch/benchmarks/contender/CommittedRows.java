package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Transactions that insert one row each. */
final class CommittedRows implements Changes {

    private final Connection connection;
    private final PreparedStatement insert;

    CommittedRows(Arena arena, String table) throws SQLException {
        connection = arena.connect();
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
