package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What has to be settled about the database before its journal can be read, at each new connection. */
final class JournalSession {

    /** The system identifier and the OID tell databases apart, the timeline what a failover or a restore has cut off. */
    private static final String HISTORY =
            "SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)"
                    + " || '/' || oid FROM pg_control_system(), pg_database WHERE datname = current_database()";

    private static final String BEHIND = "SELECT pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid) < ?"
            + " OR pg_current_wal_insert_lsn() < ?::pg_lsn FROM pg_current_snapshot() AS s";

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

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

    /**
     * Whether this server has yet to come to where that was read, as when the files of a server were put back to what
     * they were: no timeline tells of that.
     */
    boolean isBehind(JournalPosition position) throws SQLException {
        long reached = Math.max(position.from().xmax(), position.to().xmax());
        try (PreparedStatement statement = connection.prepareStatement(BEHIND)) {
            statement.setLong(1, reached);
            statement.setString(2, LogPlace.text(position.seq()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Whether the journal has rows with numbers that this server has not given out yet: those would be new for ever. */
    boolean hasRowsOfAnotherSystem(List<Integer> present) throws SQLException {
        List<String> tables = new ArrayList<>();
        for (int table : present) {
            tables.add("SELECT seq, xid FROM " + names.journal(table));
        }
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT EXISTS (SELECT FROM (" + String.join(" UNION ALL ", tables)
                                + ") AS r WHERE r.seq > here.written OR r.xid >= here.next_xid)"
                                + " FROM (SELECT pg_current_wal_insert_lsn() AS written, (pg_snapshot_xmax(s)::text::int8"
                                + " + age(pg_snapshot_xmax(s)::xid))::text::xid8 AS next_xid FROM pg_current_snapshot() AS s)"
                                + " AS here")) {
            row.next();
            return row.getBoolean(1);
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

    /** Has the watchers of one table told that its rows may be others now; {@code layout}: its number in the journal. */
    void announceResync(int layout) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(names.writeResync(layout));
        } catch (SQLException e) {
            if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            // With install.mode=verify the role cannot write to the journal.
            announceLoss();
        }
    }

    /**
     * Makes what another system wrote readable here, after a dump has been restored: its transaction numbers mean
     * nothing in this one, nor do its places in the write-ahead log, and rows of both may be there. The time at which
     * each was written tells their order.
     */
    void adopt(Statement statement, List<Integer> present) throws SQLException {
        // It takes as long as the journal is large.
        statement.execute("SET LOCAL enable_hashjoin = on; SET LOCAL statement_timeout = 0");
        List<String> rows = new ArrayList<>();
        List<String> updates = new ArrayList<>();
        for (int table : present) {
            String journal = names.journal(table);
            rows.add("SELECT tableoid, ctid, at, seq, xid FROM " + journal);
            updates.add("t" + table + " AS (UPDATE " + journal
                    + " AS j SET xid = pg_current_xact_id(), seq = '0/0'::pg_lsn + n.place FROM numbered AS n"
                    + " WHERE n.tableoid = j.tableoid AND n.ctid = j.ctid)");
        }
        statement.execute(
                "WITH numbered AS MATERIALIZED (SELECT tableoid, ctid, row_number() OVER (ORDER BY at, seq, xid)"
                        + " AS place FROM (" + String.join(" UNION ALL ", rows) + ") AS r), "
                        + String.join(", ", updates) + " SELECT");
        // What had been emptied where it comes from says nothing of the places here.
        statement.execute("UPDATE " + names.owner() + " SET emptied_from = NULL, emptied_to = NULL,"
                + " emptied_seq = NULL, emptied_xid = NULL, emptied_index = NULL");
    }

    /** As the other, in a transaction of its own. */
    void adopt(List<Integer> present) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            adopt(statement, present);
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
