package io.ectowatch.connect.journal.maintenance;

import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether Connect has committed all rows of a journal table, some blocks at a time and without a lock, so that
 * changes are delivered meanwhile. It sees all rows of transactions that had ended when it was made, wherever others are
 * put later.
 */
final class ReadCheck {

    /** 2 MiB: some ten milliseconds. */
    private static final long BLOCKS = 256;

    private static final long BUDGET_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final String UNREAD =
            "NOT (pg_visible_in_snapshot(xid, '%s') OR pg_visible_in_snapshot(xid, '%s') AND (lsn, xid) %s ('%s', '%d'))";

    private final Connection connection;
    private final String journal;
    private final JournalPosition committed;
    private final String unread;
    /** How many blocks the table had. */
    private long blocks = -1;

    /** Which file it was. */
    private long file;

    private long next;
    private boolean foundUnread;
    private @Nullable String newest;

    /** {@code journal}: the table's name as SQL; {@code committed}: how far Connect has committed. */
    ReadCheck(Connection connection, String journal, JournalPosition committed) {
        this.connection = connection;
        this.journal = journal;
        this.committed = committed;
        unread = UNREAD.formatted(
                committed.from(),
                committed.to(),
                // Of the last row itself, something may be left.
                committed.isAfterRow() ? "<=" : "<",
                Lsn.text(committed.lsn()),
                committed.transaction());
    }

    JournalPosition committed() {
        return committed;
    }

    /** Goes on for a moment; returns whether it is done. */
    boolean advance() throws SQLException {
        long until = System.nanoTime() + BUDGET_NS;
        try (Statement statement = connection.createStatement()) {
            if (blocks < 0) {
                begin(statement);
            }
            while (!foundUnread && next < blocks) {
                checkSome(statement);
                if (System.nanoTime() - until >= 0) {
                    break;
                }
            }
        }
        return foundUnread || next >= blocks;
    }

    private void begin(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT pg_relation_filenode(" + regclass() + "), pg_relation_size("
                + regclass() + ") / current_setting('block_size')::int8")) {
            row.next();
            file = row.getLong(1);
            blocks = row.getLong(2);
        }
        if (blocks > BLOCKS) {
            // If there is an unread row, the last one mostly is.
            try (ResultSet row =
                    statement.executeQuery("SELECT " + unread + " FROM " + journal + " ORDER BY lsn DESC LIMIT 1")) {
                foundUnread = row.next() && row.getBoolean(1);
            }
        }
    }

    private void checkSome(Statement statement) throws SQLException {
        long end = Math.min(next + BLOCKS, blocks);
        try (ResultSet row = statement.executeQuery("SELECT coalesce(bool_or(" + unread
                + "), false), to_char(greatest(max(at), " + newest() + ") AT TIME ZONE 'UTC',"
                + " 'YYYY-MM-DD HH24:MI:SS.US') FROM " + journal + " WHERE ctid >= '(" + next + ",0)' AND ctid < '("
                + end + ",0)'")) {
            row.next();
            foundUnread = row.getBoolean(1);
            newest = row.getString(2);
        }
        next = end;
    }

    boolean foundUnread() {
        return foundUnread;
    }

    /** When the latest of the rows was written, as SQL. */
    String newest() {
        return newest == null ? "NULL::timestamptz" : "'" + newest + "+00'::timestamptz";
    }

    /**
     * A query for the moment at which the table is locked: whether there are unread rows among those that this check may
     * not have seen, or somebody has rewritten the table meanwhile, as by VACUUM FULL; and when the latest of them was
     * written.
     *
     * @param lsn from where on the rows are of transactions that had not ended
     */
    String ofRowsFrom(long lsn) {
        return "SELECT coalesce(bool_or(" + unread + "), false) OR pg_relation_filenode(" + regclass() + ") <> " + file
                + ", max(at) FROM " + journal + " WHERE lsn >= '" + Lsn.text(lsn) + "'";
    }

    /** As {@link #ofRowsFrom}, where nothing has been checked before. */
    String ofAllRows() {
        return "SELECT coalesce(bool_or(" + unread + "), false), max(at) FROM " + journal;
    }

    private String regclass() {
        return SqlText.literal(journal) + "::regclass";
    }
}
