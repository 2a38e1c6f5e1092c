package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.ForeignRowsException;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the journal cut by cut: the rows that one snapshot sees and the snapshot before does not. Reading by LSN
 * instead would lose changes, since rows do not become visible in the order of their LSNs; reading only below the
 * oldest transaction in progress would wait for that transaction. Within a cut the rows are ordered by LSN: a
 * transaction that changes a row later has waited for the one before, so its row has a higher LSN or is in a later
 * cut.
 */
public final class CutReader {

    /** If a transaction is open for longer than this, in bytes of WAL, the fast path would have to read too much. */
    private static final long GLANCE_BYTES = 64 << 10;

    private final Connection connection;
    private final ObjectNames names;
    private final OwnerFence fence;
    private final JournalTables tables;
    /** The tables that the two queries read. */
    private List<Integer> asked = List.of();

    private PageQuery pages;
    private FastPathQuery fastPath;
    /** Created when it is first needed. */
    private BodyRescue rescue;

    private final String history;
    private XidSnapshot from;
    private XidSnapshot to;
    private long reached;
    private long reachedBy;
    private long skipLsn;
    private final long skipTransaction;
    private final long skipIndex;
    /** Rows of transactions beyond {@link #from} have LSNs from here on. */
    private long begunAfter;
    /** Rows of transactions that were in progress in it have LSNs from here on, by transaction. */
    private Map<Long, Long> openAfter = new HashMap<>();

    /**
     * Transactions with this number or a higher one had not begun at some read. So they found the WAL written at
     * least as far as it was just before that read. A cut's own upper end would not do: it is after the highest
     * transaction that has ended, and those beyond it may have begun long ago.
     */
    private final TreeMap<Long, Long> begun = new TreeMap<>();

    private ReadState state;
    /** Whether the last read found so little that the fast path will probably do. */
    private boolean little;

    /** Continues after {@code position}. */
    CutReader(
            Connection connection,
            ObjectNames names,
            OwnerFence fence,
            JournalTables tables,
            JournalPosition position) {
        this.connection = connection;
        this.names = names;
        this.fence = fence;
        this.tables = tables;
        history = position.history();
        from = position.from();
        to = position.to().equals(position.from()) ? null : position.to();
        // Read the row of the position once more, since a part of it may remain.
        reached = position.lsn();
        reachedBy = Math.max(0, position.transaction() - 1);
        skipLsn = position.lsn();
        skipTransaction = position.transaction();
        skipIndex = position.index();
        for (long open : from.inProgress()) {
            openAfter.put(open, 0L);
        }
    }

    /** The next page of the current cut, or else of a new one. A page without rows means that there is nothing new. */
    JournalPage.Rows next() throws SQLException {
        prepare();
        PageResult found = found();
        List<JournalRow> rows = found.rows();
        state = found.state();
        refuseTheFuture(rows);
        boolean begins = to == null;
        if (begins) {
            to = state.snapshot();
            begun.put(state.nextTransaction(), state.written());
        }
        boolean ends = rows.size() == found.available() && rows.size() < PageQuery.ROWS;
        little = ends && rows.size() <= FastPathQuery.ROWS / 2;
        JournalPosition after = new JournalPosition(history, from, to, skipLsn, skipTransaction, skipIndex, 0);
        JournalPage.Rows page = new JournalPage.Rows(after, rows, begins, ends);
        skipLsn = 0;
        if (ends) {
            close();
        } else {
            JournalRow last = rows.get(rows.size() - 1);
            reached = last.lsn();
            reachedBy = last.transactionId();
        }
        return page;
    }

    /** Each read would find a row again if its LSN has not been reached yet. */
    private void refuseTheFuture(List<JournalRow> rows) throws SQLException {
        for (JournalRow row : rows) {
            if (row.transactionId() >= state.nextTransaction()) {
                throw new ForeignRowsException();
            }
        }
    }

    private PageResult found() throws SQLException {
        try {
            PageResult found = fastPath();
            return found == null ? pages.take(from.xmax(), begunAfter, openAfter, to, reached, reachedBy) : found;
        } catch (SQLException e) {
            if (!BodyRescue.mayHelpAgainst(e)) {
                throw e;
            }
            if (rescue == null) {
                rescue = new BodyRescue(connection, names, fence, asked);
            }
            return rescue.take(from.xmax(), begunAfter, openAfter, to, reached, reachedBy);
        }
    }

    /** A new table is read from the next read on: no transaction wrote to it before the last one. */
    private void prepare() throws SQLException {
        if (asked != tables.all()) {
            if (pages != null) {
                pages.close();
                fastPath.close();
                rescue = null;
            }
            asked = tables.all();
            pages = new PageQuery(connection, names, fence, asked, true);
            fastPath = new FastPathQuery(connection, names, fence, asked);
        }
    }

    /** The result of the fast path if it probably does; null if it does not, or did not. */
    private PageResult fastPath() throws SQLException {
        if (!little || to != null || reached > 0) {
            return null;
        }
        long after = begunAfter;
        for (long place : openAfter.values()) {
            after = Math.min(after, place);
        }
        return begunAfter - after > GLANCE_BYTES ? null : fastPath.take(from.xmax(), PageQuery.array(openAfter), after);
    }

    /** The cut is complete: from now on only rows after it. */
    private void close() {
        Map<Long, Long> stillOpen = new HashMap<>();
        for (long open : to.inProgress()) {
            Map.Entry<Long, Long> bound = begun.floorEntry(open);
            long after = bound == null ? begunAfter : Math.max(begunAfter, bound.getValue());
            stillOpen.put(open, openAfter.getOrDefault(open, after));
        }
        openAfter = stillOpen;
        // The highest bound that is valid for every transaction that this cut does not see.
        Map.Entry<Long, Long> bound = begun.floorEntry(to.xmax());
        if (bound != null) {
            begunAfter = Math.max(begunAfter, bound.getValue());
            begun.headMap(bound.getKey(), true).clear();
        }
        from = to;
        to = null;
        reached = 0;
        reachedBy = 0;
    }

    /** The state of the database at the last read. */
    ReadState state() {
        return state;
    }
}
