package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What has to be checked in the database before its journal can be read, with each new connection. */
public final class JournalSession {

    /** The system identifier and the OID identify the database; the timeline changes with a failover or a restore. */
    private static final String HISTORY =
            "SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)"
                    + " || '/' || oid FROM pg_control_system(), pg_database WHERE datname = current_database()";

    private static final String BEHIND = "SELECT " + XidSnapshot.NEXT_XID + " < ?"
            + " OR pg_current_wal_insert_lsn() < ?::pg_lsn FROM pg_current_snapshot() AS s";

    private final Connection connection;
    private final ObjectNames names;

    public JournalSession(Connection connection, ObjectNames names) {
        this.connection = connection;
        this.names = names;
    }

    public String history() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(HISTORY)) {
            row.next();
            return row.getString(1);
        }
    }

    /**
     * Whether this server has not reached the position yet, as after its files were replaced by an older copy, which
     * does not change the timeline.
     */
    public boolean isBehind(JournalPosition position) throws SQLException {
        long reached = Math.max(position.from().xmax(), position.to().xmax());
        try (PreparedStatement statement = connection.prepareStatement(BEHIND)) {
            statement.setLong(1, reached);
            statement.setString(2, Lsn.text(position.lsn()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /**
     * Whether the journal has rows with LSNs that the WAL has not reached. Rows with transaction numbers that this server
     * has not reached are found when they are read: there is no index for them.
     */
    public boolean hasPlacesOfAnotherSystem(List<Integer> present) throws SQLException {
        List<String> found = new ArrayList<>();
        for (int table : present) {
            found.add("EXISTS (SELECT FROM " + names.journal(table) + " WHERE lsn > here.written)");
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + String.join(" OR ", found)
                        + " FROM (SELECT pg_current_wal_insert_lsn() AS written OFFSET 0) AS here")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** The numbers of the journal's tables. */
    public List<Integer> tables() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return JournalTables.present(statement, names);
        }
    }

    /** Settings that make the reader's own statements fast: it never waits for a flush of its own. */
    public void settle() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The journal has no statistics, and an index scan is always the right plan.
            statement.execute("SET synchronous_commit = off; SET enable_seqscan = off; SET enable_bitmapscan = off;"
                    + " SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off");
        }
    }

    /** Makes every watcher publish a resync, because changes were lost; returns the number of that loss. */
    public long announceLoss() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(names.setLost())) {
            row.next();
            return row.getLong(1);
        }
    }

    /** How far the WAL is written. */
    public long written() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
            row.next();
            return row.getLong(1);
        }
    }

    /**
     * Makes the watchers of one table publish a resync, because its rows may have changed. {@code layout} is the
     * number of the table's layout.
     *
     * @return false if the role cannot write to the journal, as with {@code install.mode=verify}
     */
    public boolean announceResync(int layout) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(names.writeResync(layout));
            return true;
        } catch (SQLException e) {
            if (!SqlStates.is(e, SqlStates.INSUFFICIENT_PRIVILEGE)) {
                throw e;
            }
            return false;
        }
    }
}
