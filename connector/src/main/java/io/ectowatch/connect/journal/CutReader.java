package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the journal cut by cut: what one snapshot sees and the one before does not. Reading by number instead would lose
 * changes, since numbers are drawn in one order and committed in another; reading below the oldest transaction in
 * progress would wait for that one. Within a cut the order is that of the numbers: whoever changes a row later has waited
 * for whoever changed it before, and so has the higher number, or comes in a later cut.
 */
final class CutReader {

    /** A transaction that has been open for longer than this takes glances too far back, in bytes of the log. */
    private static final long GLANCE_BYTES = 64 << 10;

    private final Connection connection;
    private final ObjectNames names;
    private final Ownership ownership;
    private final JournalTables tables;
    /** The tables that the two queries are for. */
    private List<Integer> asked = List.of();

    private PageQuery pages;
    private Glance glance;
    /** Made when it is first needed. */
    private BodyRescue rescue;

    private final String history;
    private Snapshot from;
    private Snapshot to;
    private long reached;
    private long reachedBy;
    private long skipSeq;
    private final long skipTransaction;
    private final long skipIndex;
    /** Rows of transactions beyond {@link #from} have numbers from here on. */
    private long begunAfter;
    /** And those of transactions in progress in it have ones from here on. */
    private Map<Long, Long> openAfter = new HashMap<>();

    /**
     * Transactions with this number or a higher one had not begun at some look, and so find the write-ahead log written at
     * least as far as it was just before that. A cut's own upper end would not do: it lies behind the highest transaction
     * that has ended, and those beyond it may have begun long ago.
     */
    private final TreeMap<Long, Long> begun = new TreeMap<>();

    private JournalState state;
    /** Whether the last look has found so little that a glance will probably do. */
    private boolean little;

    /** Goes on after {@code position}. */
    CutReader(
            Connection connection,
            ObjectNames names,
            Ownership ownership,
            JournalTables tables,
            JournalPosition position) {
        this.connection = connection;
        this.names = names;
        this.ownership = ownership;
        this.tables = tables;
        history = position.history();
        from = position.from();
        to = position.to().equals(position.from()) ? null : position.to();
        // The row of the position is read once more, for what may be left of it.
        reached = position.seq();
        reachedBy = Math.max(0, position.transaction() - 1);
        skipSeq = position.seq();
        skipTransaction = position.transaction();
        skipIndex = position.index();
        for (long open : from.inProgress()) {
            openAfter.put(open, 0L);
        }
    }

    /** The next page: of the cut being taken, or else of a new one. Without rows, there is nothing new. */
    JournalPage next() throws SQLException {
        prepare();
        Found found = found();
        List<JournalRow> rows = found.rows();
        state = found.state();
        refuseTheFuture(rows);
        boolean begins = to == null;
        if (begins) {
            to = state.snapshot();
            begun.put(state.nextTransaction(), state.written());
        }
        boolean ends = rows.size() == found.available() && rows.size() < PageQuery.ROWS;
        little = ends && rows.size() <= Glance.ROWS / 2;
        JournalPage page =
                new JournalPage(history, from, to, rows, skipSeq, skipTransaction, skipIndex, begins, ends, null, 0, 0);
        skipSeq = 0;
        if (ends) {
            close();
        } else {
            JournalRow last = rows.get(rows.size() - 1);
            reached = last.seq();
            reachedBy = last.transactionId();
        }
        return page;
    }

    /** A row with a number that was not given out yet would be found again by every look. */
    private void refuseTheFuture(List<JournalRow> rows) throws SQLException {
        for (JournalRow row : rows) {
            if (row.transactionId() >= state.nextTransaction()) {
                throw new ForeignRowsException();
            }
        }
    }

    private Found found() throws SQLException {
        try {
            Found found = glance();
            return found == null ? pages.take(from.xmax(), begunAfter, openAfter, to, reached, reachedBy) : found;
        } catch (SQLException e) {
            if (!BodyRescue.mayHelpAgainst(e)) {
                throw e;
            }
            if (rescue == null) {
                rescue = new BodyRescue(connection, names, ownership, asked);
            }
            return rescue.take(from.xmax(), begunAfter, openAfter, to, reached, reachedBy);
        }
    }

    /** A table that has been made is asked for from the next look on: nobody wrote to it before the last one. */
    private void prepare() throws SQLException {
        if (asked != tables.all()) {
            if (pages != null) {
                pages.close();
                glance.close();
                rescue = null;
            }
            asked = tables.all();
            pages = new PageQuery(connection, names, ownership, asked, true);
            glance = new Glance(connection, names, ownership, asked);
        }
    }

    /** What a glance shows, when one will probably do; null when it will not, or did not. */
    private Found glance() throws SQLException {
        if (!little || to != null || reached > 0) {
            return null;
        }
        long after = begunAfter;
        for (long place : openAfter.values()) {
            after = Math.min(after, place);
        }
        return begunAfter - after > GLANCE_BYTES ? null : glance.take(from.xmax(), PageQuery.array(openAfter), after);
    }

    /** The cut has been taken whole: from now on only what comes after it. */
    private void close() {
        Map<Long, Long> stillOpen = new HashMap<>();
        for (long open : to.inProgress()) {
            Map.Entry<Long, Long> bound = begun.floorEntry(open);
            long after = bound == null ? begunAfter : Math.max(begunAfter, bound.getValue());
            stillOpen.put(open, openAfter.getOrDefault(open, after));
        }
        openAfter = stillOpen;
        // The highest bound that holds for every transaction which this cut does not see.
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

    /** What the last look showed beside the rows. */
    JournalState state() {
        return state;
    }
}
