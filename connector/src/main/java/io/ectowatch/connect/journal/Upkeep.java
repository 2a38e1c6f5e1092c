package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the journal small: turns the ring to its next table when the one that is written to has grown, and empties tables
 * of which Connect has committed everything. Renews the owner's lease.
 */
final class Upkeep {

    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private static final long EVERY_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long LEASE_EVERY_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long TURN_BYTES = 1L << 20;
    private static final long TURN_AFTER_NS = TimeUnit.SECONDS.toNanos(60);
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Whether a table has a row that Connect has not committed. What is not visible here cannot be emptied either. */
    private static final String UNREAD =
            "SELECT EXISTS (SELECT FROM %s WHERE NOT (pg_visible_in_snapshot(xid, '%s') OR (pg_visible_in_snapshot(xid,"
                    + " '%s') AND (seq, xid) %s ('%s', '%d'))))";

    /** What is gone, so that nobody asks to go on from before it. */
    private static final String EMPTIED =
            "UPDATE %s SET emptied_from = '%s', emptied_to = '%s', emptied_seq = '%s', emptied_xid = '%d',"
                    + " emptied_index = %d, emptied_at = (SELECT max(at) FROM %s)";

    /** Bulk bodies are compressed and still too long for the table itself: they lie in its TOAST table. */
    private static final String SIZES = """
            SELECT pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)
            FROM unnest(?) WITH ORDINALITY AS n (name, place)
            JOIN pg_class AS c ON c.oid = n.name::regclass
            ORDER BY n.place
            """;

    private final Connection connection;
    private final ObjectNames names;
    private final Ownership ownership;
    private final long leaseMs;
    private final long maxBytes;
    private long nextLook = System.nanoTime();
    private long nextLease = System.nanoTime();
    private long turnedAt = System.nanoTime();
    private final JournalPosition[] triedWith = new JournalPosition[ObjectNames.JOURNAL_TABLES];

    Upkeep(Connection connection, ObjectNames names, Ownership ownership, long leaseMs, long maxBytes) {
        this.connection = connection;
        this.names = names;
        this.ownership = ownership;
        this.leaseMs = leaseMs;
        this.maxBytes = maxBytes;
    }

    /**
     * Does what is due.
     *
     * @param ring the ring's value as last seen
     * @param committed how far Connect has committed, or null when that is not known yet
     */
    void tend(long ring, JournalPosition committed) throws SQLException {
        long now = System.nanoTime();
        if (now - nextLease >= 0) {
            renewLease(false);
            nextLease = now + LEASE_EVERY_NS;
        }
        if (now - nextLook < 0) {
            return;
        }
        nextLook = now + EVERY_NS;
        ownership.claim(connection);
        long[] sizes = sizes();
        int current = (int) (ring & 3);
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            if (table != current && sizes[table] > 0 && committed != null && !committed.equals(triedWith[table])) {
                triedWith[table] = committed;
                empty(table, committed);
            }
        }
        int next = (current + 1) % ObjectNames.JOURNAL_TABLES;
        boolean grown = sizes[current % 3] >= TURN_BYTES || sizes[current % 3] > 0 && now - turnedAt >= TURN_AFTER_NS;
        if (current < ObjectNames.JOURNAL_TABLES && grown && sizes[next] == 0) {
            turn(current, next);
        }
    }

    /**
     * Lets triggers write to the second table from now on, if they write to the first one: what was last seen may be a
     * while ago, and a journal that has been suspended since stays so. A bell that a killed task has left armed is disarmed.
     */
    void turn(int from, int to) throws SQLException {
        String value = "CASE last_value & 3 WHEN " + from + " THEN " + to + " ELSE last_value END";
        Doorbell.setRing(connection, names, ownership.token(), value);
        turnedAt = System.nanoTime();
    }

    /**
     * Renews the lease. Committed with a flush, it also makes sure that no transaction number given out so far is given
     * out again after a crash, and that all that has been read is on disk.
     */
    void renewLease(boolean flushed) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN; SET LOCAL synchronous_commit = " + (flushed ? "local" : "off") + "; "
                    + names.setLease(leaseMs) + "; COMMIT");
        }
    }

    /** How far the write-ahead log is safe on disk. */
    long flushed() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::int8")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Whether the journal has fallen well below the size at which it suspends itself. */
    boolean hasRoom() throws SQLException {
        return LongStream.of(sizes()).sum() <= maxBytes / 2;
    }

    /** What each table's rows take, in bytes; 0 for an empty one. */
    long[] sizes() throws SQLException {
        String[] tables = new String[ObjectNames.JOURNAL_TABLES];
        for (int table = 0; table < tables.length; table++) {
            tables[table] = names.journal(table);
        }
        long[] sizes = new long[tables.length];
        try (PreparedStatement statement = connection.prepareStatement(SIZES)) {
            statement.setArray(1, connection.createArrayOf("text", tables));
            try (ResultSet row = statement.executeQuery()) {
                for (int table = 0; row.next(); table++) {
                    sizes[table] = row.getLong(1);
                }
            }
        }
        return sizes;
    }

    private void empty(int table, JournalPosition committed) throws SQLException {
        String journal = names.journal(table);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            // Its owner first: it may have to be waited for, with nothing locked that writers need.
            String owned = "SELECT FROM " + names.owner() + " WHERE token = '" + ownership.token() + "' FOR SHARE";
            boolean mine = any(statement, owned);
            // NOWAIT: who holds it, a long transaction or a dump, is not to be waited for, and nobody queues behind us.
            statement.execute("LOCK TABLE " + journal + " IN ACCESS EXCLUSIVE MODE NOWAIT");
            String unread = UNREAD.formatted(
                    journal,
                    committed.from(),
                    committed.to(),
                    // Of the last row itself, something may be left.
                    committed.isAfterRow() ? "<=" : "<",
                    LogPlace.text(committed.seq()),
                    committed.transaction());
            if (mine && !yes(statement, unread)) {
                statement.execute(EMPTIED.formatted(
                        names.owner(),
                        committed.from(),
                        committed.to(),
                        LogPlace.text(committed.seq()),
                        committed.transaction(),
                        committed.index(),
                        journal));
                statement.execute("TRUNCATE " + journal);
                log.debug("Emptied {}.", journal);
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw e;
            }
            triedWith[table] = null;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static boolean any(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next();
        }
    }

    private static boolean yes(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
