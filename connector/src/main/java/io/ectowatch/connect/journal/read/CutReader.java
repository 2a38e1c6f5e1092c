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
import org.jspecify.annotations.Nullable;

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

    /** The two queries; {@code tables} are those that they read. */
    private record Queries(List<Integer> tables, PageQuery pages, FastPathQuery fastPath) {}

    private final Connection connection;
    private final ObjectNames names;
    private final OwnerFence fence;
    private final JournalTables tables;
    /** Null before the first read. */
    private @Nullable Queries queries;
    /** Created when it is first needed. */
    private @Nullable BodyRescue rescue;

    private final String history;
    private XidSnapshot from;
    /** The end of the current cut; null between two. */
    private @Nullable XidSnapshot to;

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

    private @Nullable ReadState state;
    /** Where the next cut is to end; null if it ends where it is read. */
    private @Nullable XidSnapshot ending;
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
        PageResult found = found(prepare());
        List<JournalRow> rows = found.rows();
        ReadState now = found.state();
        state = now;
        refuseTheFuture(rows, now);
        XidSnapshot cut = to;
        boolean begins = cut == null;
        if (cut == null) {
            cut = ending == null ? now.snapshot() : ending;
            ending = null;
            to = cut;
            begun.put(now.nextTransaction(), now.written());
        }
        boolean ends = !found.full();
        little = ends && rows.size() <= FastPathQuery.ROWS / 2;
        JournalPosition after = new JournalPosition(history, from, cut, skipLsn, skipTransaction, skipIndex, 0);
        JournalPage.Rows page = new JournalPage.Rows(after, rows, begins, ends, now.visibleAt());
        skipLsn = 0;
        if (ends) {
            close(cut);
        } else {
            JournalRow last = rows.get(rows.size() - 1);
            reached = last.lsn();
            reachedBy = last.transactionId();
        }
        return page;
    }

    /** The cut to read, or null for a new one. */
    private @Nullable XidSnapshot cut() {
        return to == null ? ending : to;
    }

    /** Whether the next page begins a cut. */
    boolean isBetweenCuts() {
        return to == null;
    }

    /**
     * Lets the next cut end at a snapshot that another session has taken. Taken after the cut before was read, it includes
     * that cut.
     */
    void endNextCutAt(XidSnapshot snapshot) {
        ending = snapshot;
    }

    /** Each read would find a row again if its LSN has not been reached yet. */
    private void refuseTheFuture(List<JournalRow> rows, ReadState now) throws SQLException {
        for (JournalRow row : rows) {
            if (row.transactionId() >= now.nextTransaction()) {
                throw new ForeignRowsException();
            }
        }
    }

    private PageResult found(Queries asked) throws SQLException {
        try {
            PageResult found = fastPath(asked.fastPath());
            return found == null
                    ? asked.pages().take(from.xmax(), begunAfter, openAfter, cut(), reached, reachedBy)
                    : found;
        } catch (SQLException e) {
            if (!BodyRescue.mayHelpAgainst(e)) {
                throw e;
            }
            if (rescue == null) {
                rescue = new BodyRescue(connection, names, fence, asked.tables());
            }
            return rescue.take(from.xmax(), begunAfter, openAfter, cut(), reached, reachedBy);
        }
    }

    /** A new table is read from the next read on: no transaction wrote to it before the last one. */
    private Queries prepare() throws SQLException {
        Queries asked = queries;
        if (asked != null && asked.tables() == tables.all()) {
            return asked;
        }
        if (asked != null) {
            asked.pages().close();
            asked.fastPath().close();
            rescue = null;
        }
        List<Integer> all = tables.all();
        asked = new Queries(
                all,
                new PageQuery(connection, names, fence, all, true),
                new FastPathQuery(connection, names, fence, all));
        queries = asked;
        return asked;
    }

    /** The result of the fast path if it probably does; null if it does not, or did not. */
    private @Nullable PageResult fastPath(FastPathQuery query) throws SQLException {
        if (!little || cut() != null || reached > 0) {
            return null;
        }
        long after = begunAfter;
        for (long place : openAfter.values()) {
            after = Math.min(after, place);
        }
        return begunAfter - after > GLANCE_BYTES ? null : query.take(from.xmax(), PageQuery.array(openAfter), after);
    }

    /** The cut is complete: from now on only rows after it. */
    private void close(XidSnapshot cut) {
        Map<Long, Long> stillOpen = new HashMap<>();
        for (long open : cut.inProgress()) {
            Map.Entry<Long, Long> bound = begun.floorEntry(open);
            long after = bound == null ? begunAfter : Math.max(begunAfter, bound.getValue());
            stillOpen.put(open, openAfter.getOrDefault(open, after));
        }
        openAfter = stillOpen;
        // The highest bound that is valid for every transaction that this cut does not see.
        Map.Entry<Long, Long> bound = begun.floorEntry(cut.xmax());
        if (bound != null) {
            begunAfter = Math.max(begunAfter, bound.getValue());
            begun.headMap(bound.getKey(), true).clear();
        }
        from = cut;
        to = null;
        reached = 0;
        reachedBy = 0;
    }

    /** The state of the database at the last read; null before the first. */
    @Nullable
    ReadState state() {
        return state;
    }
}
