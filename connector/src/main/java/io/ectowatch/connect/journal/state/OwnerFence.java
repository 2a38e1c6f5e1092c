package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.install.plan.AdvisoryLock;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Determines which task may empty and rotate the journal. After a rebalance two tasks may be alive for a while; the
 * later one owns it. Each task has one instance for its life.
 *
 * <p>The owner's token also names the database that it belongs to. A journal that was copied from another database,
 * by a dump and restore or as a template, still has that database's token, and is recognized by it.
 */
public final class OwnerFence {

    /** Stands in a token for a database that is not this one, until the journal's rows are usable here. */
    private static final String ELSEWHERE = "@elsewhere";

    private final ObjectNames names;
    private final String task = UUID.randomUUID().toString();
    private String token = task;
    /** The database of this session, in the form of the tokens; null before it is known. */
    private @Nullable String database;
    /** The task's number among the journal's owners; 0 before its first claim. */
    private long epoch;

    public OwnerFence(ObjectNames names) {
        this.names = names;
    }

    public String token() {
        return token;
    }

    /**
     * Makes the task the owner in a new session, which may belong to another database than the previous one.
     *
     * @param history of the database, see {@link JournalSession#history}
     * @return whether the journal was copied from another database. Then it stays marked as such until {@link #settle}
     */
    public boolean enter(Connection connection, String history) throws SQLException {
        String[] parts = history.split("/");
        database = parts[0] + "/" + parts[2];
        token = task + "@" + database;
        return inTransaction(connection, statement -> {
            boolean foreign = isForeign(statement);
            if (foreign) {
                token = task + ELSEWHERE;
            }
            take(statement, foreign);
            return foreign;
        });
    }

    /** Marks the journal, which the task owns, as another database's: it has rows that this one cannot have written. */
    public void disown(Connection connection) throws SQLException {
        token = task + ELSEWHERE;
        replaceToken(connection, task + "@" + database, "");
    }

    /**
     * Says that the journal's rows are this database's now. What had been emptied where it comes from says nothing of the
     * places here. A loss is noted too, and before: nothing may come between this and the announcement to the consumers.
     */
    public void settle(Connection connection) throws SQLException {
        token = task + "@" + database;
        replaceToken(
                connection,
                task + ELSEWHERE,
                ", emptied_from = NULL, emptied_to = NULL, emptied_lsn = NULL, emptied_xid = NULL, emptied_index = NULL");
    }

    private void replaceToken(Connection connection, String before, String alsoSet) throws SQLException {
        inTransaction(connection, statement -> {
            statement.execute(names.setLost());
            if (statement.executeUpdate("UPDATE " + names.owner() + " SET token = '" + token + "'" + alsoSet
                            + " WHERE token = '" + before + "'")
                    == 0) {
                throw taken(statement);
            }
            return true;
        });
    }

    private interface Work {
        boolean with(Statement statement) throws SQLException;
    }

    /** While no other task can make itself the owner. */
    private boolean inTransaction(Connection connection, Work work) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + names.owner() + " IN EXCLUSIVE MODE");
            boolean result = work.with(statement);
            connection.commit();
            return result;
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /**
     * Does nothing while the task is the owner.
     *
     * @throws ConnectException if a later task is the owner
     * @throws SQLException if the owner is unknown
     */
    public void refuseIfTaken(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!owns(statement)) {
                throw taken(statement);
            }
        }
    }

    private SQLException taken(Statement statement) throws SQLException {
        refuseIfLater(statement, last(statement));
        return new SQLException(
                "the contents of the journal were replaced, probably by a restore", SqlStates.NOT_IN_REQUIRED_STATE);
    }

    /** Whether the current owner belongs to another database; an owner without a database name belongs to this one. */
    private boolean isForeign(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM " + names.owner()
                + " WHERE token LIKE '%@%' AND split_part(token, '@', 2) <> '" + database + "')")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** An SQL condition that is true while this task is the owner. */
    public String condition() {
        return "EXISTS (SELECT FROM " + names.owner() + " WHERE token = '" + token + "')";
    }

    /**
     * Makes the task the owner if it is not, unless a later task is. After a failover or a restore the server may
     * only know an earlier owner.
     *
     * @param connection in autocommit mode
     * @throws ConnectException if a later task is the owner
     */
    public void claim(Connection connection) throws SQLException {
        if (epoch > 0 && owns(connection)) {
            return;
        }
        if (epoch > 0 && database != null) {
            reclaim(connection);
            return;
        }
        inTransaction(connection, statement -> {
            take(statement, false);
            return true;
        });
    }

    /**
     * The task is not the owner any more: either a later task is, or the journal's contents were replaced.
     *
     * @throws SQLException if the contents were replaced: a new session finds out what the journal contains
     */
    private void reclaim(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!isForeign(statement)) {
                refuseIfLater(statement, last(statement));
            }
        }
        throw new SQLException(
                "the contents of the journal were replaced, probably by a restore", SqlStates.NOT_IN_REQUIRED_STATE);
    }

    private void refuseIfLater(Statement statement, long last) throws SQLException {
        if (epoch > 0 && last >= epoch) {
            String other = AdvisoryLock.presence(names)
                    .holders(statement.getConnection())
                    .counting();
            throw new FencedException("Another task has taken over the journal of connector " + names.connector()
                    + (other.isEmpty() ? "" : " (" + other + ")")
                    + ", so this task ends. If two Connect clusters run a connector of this name on this database, give"
                    + " them different names.");
        }
    }

    /** @param foreign whether the current owner belongs to another database, and so has not taken over anything here */
    private void take(Statement statement, boolean foreign) throws SQLException {
        long last = last(statement);
        if (owns(statement)) {
            return;
        }
        if (!foreign) {
            refuseIfLater(statement, last);
        }
        epoch = epoch > last ? epoch : last + 1;
        if (statement.executeUpdate("UPDATE " + names.owner() + " SET token = '" + token + "', epoch = " + epoch)
                == 0) {
            statement.execute(
                    "INSERT INTO " + names.owner() + " (token, epoch) VALUES ('" + token + "', " + epoch + ")");
        }
    }

    private long last(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT max(epoch) FROM " + names.owner())) {
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
