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
 *
 * <p>The owner's token also names the database that it belongs to. A journal that was copied from another database, by a
 * dump and restore or as a template, still has the token of an owner there: so it is recognised.
 */
final class Ownership {

    private final ObjectNames names;
    private final String task = UUID.randomUUID().toString();
    private String token = task;
    /** The database of this session, as the tokens have it; null before it is known. */
    private String database;
    /** The task's place among the journal's owners; 0 before its first claim. */
    private long generation;

    Ownership(ObjectNames names) {
        this.names = names;
    }

    String token() {
        return token;
    }

    /** What is to be done with the journal of another database before it is used in this one. */
    interface Adoption {
        /** {@code statement}: in the transaction that makes the task the owner. */
        void adopt(Statement statement) throws SQLException;
    }

    /**
     * Makes the task the owner in a new session, which may be one of another database than the one before.
     *
     * @param history of the database, see {@link JournalSession#history}
     * @return whether the journal was copied from another database, and has been adopted
     */
    boolean enter(Connection connection, String history, Adoption adoption) throws SQLException {
        String[] parts = history.split("/");
        database = parts[0] + "/" + parts[2];
        token = task + "@" + database;
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + names.owner() + " IN EXCLUSIVE MODE");
            boolean foreign = isForeign(statement);
            if (foreign) {
                adoption.adopt(statement);
            }
            take(statement, foreign);
            connection.commit();
            return foreign;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** Whether the present owner belongs to another database; one without such a name belongs to this one. */
    private boolean isForeign(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM " + names.owner()
                + " WHERE token LIKE '%@%' AND split_part(token, '@', 2) <> '" + database + "')")) {
            row.next();
            return row.getBoolean(1);
        }
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
        if (generation > 0 && database != null) {
            reclaim(connection);
            return;
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + names.owner() + " IN EXCLUSIVE MODE");
            take(statement, false);
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /**
     * The task is not the owner any more: a later one is, or somebody has put other contents into the journal.
     *
     * @throws SQLException in the second case: a new session finds out what the journal has
     */
    private void reclaim(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!isForeign(statement)) {
                refuseIfLater(last(statement));
            }
        }
        throw new SQLException("the contents of the journal were replaced, as by a restore", "55000");
    }

    private void refuseIfLater(long last) {
        if (generation > 0 && last >= generation) {
            throw new ConnectException("Another task has taken over the journal of connector " + names.connector()
                    + "; this one ends. If two Connect clusters run a connector of this name on this database, give"
                    + " them different names.");
        }
    }

    /** {@code foreign}: whether the present owner belongs to another database, and so has taken over nothing here. */
    private void take(Statement statement, boolean foreign) throws SQLException {
        long last = last(statement);
        if (owns(statement)) {
            return;
        }
        if (!foreign) {
            refuseIfLater(last);
        }
        generation = generation > last ? generation : last + 1;
        if (statement.executeUpdate(
                        "UPDATE " + names.owner() + " SET token = '" + token + "', generation = " + generation)
                == 0) {
            statement.execute("INSERT INTO " + names.owner() + " (token, generation) VALUES ('" + token + "', "
                    + generation + ")");
        }
    }

    private long last(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT max(generation) FROM " + names.owner())) {
            row.next();
            return row.getLong(1);
        }
    }

    private boolean owns(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return owns(statement);
        }
    }

    private boolean owns(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT " + condition())) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
