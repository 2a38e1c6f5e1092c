package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What has to be settled about the database before its journal can be read, at each new connection. */
final class JournalSession {

    /** The system identifier tells databases apart, the timeline tells what a failover or a restore has cut off. */
    private static final String HISTORY =
            "SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)"
                    + " FROM pg_control_system()";

    private final Connection connection;
    private final ObjectNames names;

    JournalSession(Connection connection, ObjectNames names) {
        this.connection = connection;
        this.names = names;
    }

    String history() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(HISTORY)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Settings that make the reader's own statements quick: it never has to wait for a flush of its own. */
    void settle() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The journal has no statistics, and its index is always the right way in.
            statement.execute("SET synchronous_commit = off; SET enable_seqscan = off; SET enable_bitmapscan = off;"
                    + " SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off");
        }
    }

    /** Has every watcher told that something was lost. */
    void announceLoss() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(names.setLost());
        }
    }

    /**
     * Makes what another system wrote readable here, after a dump has been restored: its transaction numbers mean
     * nothing in this one.
     */
    void adopt() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
                statement.execute("UPDATE " + names.journal(table) + " SET xid = pg_current_xact_id()");
            }
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
