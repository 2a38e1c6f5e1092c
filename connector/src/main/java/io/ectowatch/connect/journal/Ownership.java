package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Says which task may empty and turn the journal. Two may be alive at once for a while, after a rebalance; the later one
 * is right. Each task has one of these for its life.
 */
final class Ownership {

    private final ObjectNames names;
    private final String token = UUID.randomUUID().toString();
    /** The task's place among the journal's owners; 0 before its first claim. */
    private long generation;

    Ownership(ObjectNames names) {
        this.names = names;
    }

    String token() {
        return token;
    }

    /** An SQL condition that holds while this task is the owner. */
    String condition() {
        return "EXISTS (SELECT FROM " + names.owner() + " WHERE token = '" + token + "')";
    }

    /**
     * Makes the task the owner if it is not, and no later one is. After a failover or a restore the server may know only
     * of an earlier one.
     *
     * @param connection in autocommit
     * @throws ConnectException when a later task is the owner
     */
    void claim(Connection connection) throws SQLException {
        if (generation > 0 && owns(connection)) {
            return;
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + names.owner() + " IN EXCLUSIVE MODE");
            long last = last(statement);
            if (generation > 0 && last >= generation) {
                throw new ConnectException("Another task has taken over the journal of connector " + names.connector()
                        + "; this one ends. If two Connect clusters run a connector of this name on this database, give"
                        + " them different names.");
            }
            generation = generation > 0 ? generation : last + 1;
            if (statement.executeUpdate(
                            "UPDATE " + names.owner() + " SET token = '" + token + "', generation = " + generation)
                    == 0) {
                statement.execute("INSERT INTO " + names.owner() + " (token, generation) VALUES ('" + token + "', "
                        + generation + ")");
            }
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private long last(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT max(generation) FROM " + names.owner())) {
            row.next();
            return row.getLong(1);
        }
    }

    private boolean owns(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + condition())) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
