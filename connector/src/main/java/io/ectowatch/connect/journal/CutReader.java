package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
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

    /** A page ends after so many bytes, at least one row long. */
    private static final long PAGE_BYTES = 4L << 20;

    private static final int PAGE_ROWS = 2_000;

    /**
     * One look. Parameters: the cut before as {@code xmax}; the number from which its unseen transactions'
     * rows begin; the transactions in progress in it with the numbers from which theirs begin; the cut being taken, or null for a new one;
     * the number already reached in it.
     *
     * <p>What is new since a cut was written either by a transaction that had not begun then, or by one that was in
     * progress then and has ended. Both are looked for in one pass, from the number on where the first of them can be
     * found: hardly further back than what the look before has read, unless one has ended that was long in progress.
     */
    private static final String LOOK = """
            SELECT here.snapshot, here.losses, here.state, here.written, here.flushed, here.next_xid, here.owned,
                   NULL::pg_lsn AS seq, NULL::xid8 AS xid, NULL::int8 AS at, NULL::int4 AS layout, NULL::"char" AS event,
                   NULL::text AS body, NULL::int8 AS available
            FROM (SELECT pg_current_snapshot()::text AS snapshot,
                         (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ${lost}) AS losses,
                         (SELECT last_value FROM ${ring}) AS state,
                         log.written - '0/0'::pg_lsn AS written,
                         pg_current_wal_flush_lsn() - '0/0'::pg_lsn AS flushed,
                         numbers.next_xid,
                         ${owned} AS owned
                  FROM (SELECT pg_current_wal_insert_lsn() AS written OFFSET 0) AS log
                  -- Looked for after the log's end, which is why it depends on it: see begun.
                  CROSS JOIN LATERAL (SELECT pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid) AS next_xid
                                      FROM pg_current_snapshot() AS s
                                      WHERE log.written IS NOT NULL
                                      OFFSET 0) AS numbers) AS here
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                   sized.seq, sized.xid, (date_part('epoch', sized.at) * 1000)::int8,
                   sized.layout, sized.event, sized.body, sized.available
            FROM (SELECT found.*,
                         count(*) OVER () AS available,
                         sum(octet_length(found.body)) OVER (ORDER BY found.seq, found.xid ROWS UNBOUNDED PRECEDING)
                             - octet_length(found.body) AS before
                  FROM (${found}
                        ORDER BY seq, xid
                        LIMIT ${rows}) AS found) AS sized
            WHERE sized.before < ${bytes}
            ORDER BY seq NULLS FIRST, xid
            """;

    /** It stops by itself after a page's worth, so that a long backlog is not sorted anew for every page. */
    private static final String FOUND = """
            SELECT j.* FROM asked CROSS JOIN ended
            CROSS JOIN LATERAL (SELECT * FROM ${journal} AS r
                                WHERE r.seq >= greatest(least(asked.begun_after, ended.after), asked.reached)
                                  AND (r.seq, r.xid) > (asked.reached, asked.reached_by)
                                  AND (r.xid >= asked.xmax
                                           AND (asked.cut IS NULL OR pg_visible_in_snapshot(r.xid, asked.cut))
                                       OR r.xid = ANY (ended.xids))
                                ORDER BY r.seq, r.xid LIMIT ${rows}) AS j
            """;

    /** Of the transactions that were in progress, those that are not any more. */
    private static final String ENDED = """
            SELECT array_agg(o.xid) AS xids, min(o.after) AS after
            FROM asked CROSS JOIN LATERAL unnest(asked.open, asked.open_after) AS o (xid, after)
            WHERE pg_visible_in_snapshot(o.xid, coalesce(asked.cut, pg_current_snapshot()))
            """;

    private final PreparedStatement look;
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

    private State state;

    /**
     * What a look shows beside the rows.
     *
     * @param snapshot the present
     * @param losses how many losses have been counted
     * @param ring the value that tells triggers where to write
     * @param written how far the write-ahead log has been written at least when the snapshot was taken
     * @param flushed how far it is safe on disk
     * @param nextTransaction no transaction had this number or a higher one when the snapshot was taken
     * @param owned whether this task is the journal's owner
     */
    record State(
            Snapshot snapshot,
            long losses,
            long ring,
            long written,
            long flushed,
            long nextTransaction,
            boolean owned) {}

    /** Goes on after {@code position}. */
    CutReader(Connection connection, ObjectNames names, Ownership ownership, JournalPosition position)
            throws SQLException {
        look = connection.prepareStatement(sql(names, ownership));
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

    private static String sql(ObjectNames names, Ownership ownership) {
        List<String> found = new ArrayList<>();
        for (int table = 0; table < ObjectNames.JOURNAL_TABLES; table++) {
            found.add(FOUND.replace("${journal}", names.journal(table)));
        }
        return "WITH asked AS MATERIALIZED (SELECT ?::text::xid8 AS xmax, ?::text::pg_lsn AS begun_after,"
                + " ?::text::xid8[] AS open, ?::text::pg_lsn[] AS open_after, ?::text::pg_snapshot AS cut,"
                + " ?::text::pg_lsn AS reached, ?::text::xid8 AS reached_by),\n"
                + "ended AS MATERIALIZED (" + ENDED + ")\n"
                + LOOK.replace("${lost}", names.lost())
                        .replace("${ring}", names.ring())
                        .replace("${owned}", ownership.condition())
                        .replace("${bytes}", Long.toString(PAGE_BYTES))
                        .replace("${found}", String.join("\nUNION ALL\n", found))
                        .replace("${rows}", Integer.toString(PAGE_ROWS));
    }

    /** The next page: of the cut being taken, or else of a new one. Without rows, there is nothing new. */
    JournalPage next() throws SQLException {
        bind();
        List<JournalRow> rows = new ArrayList<>();
        Snapshot snapshot = null;
        long available = 0;
        try (ResultSet row = look.executeQuery()) {
            while (row.next()) {
                if (snapshot == null) {
                    snapshot = Snapshot.parse(row.getString(1));
                    state = new State(
                            snapshot,
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getLong(6),
                            row.getBoolean(7));
                } else {
                    available = row.getLong(14);
                    rows.add(new JournalRow(
                            place(row.getString(8)),
                            row.getLong(9),
                            row.getLong(10),
                            row.getInt(11),
                            row.getString(12),
                            row.getString(13)));
                }
            }
        }
        boolean begins = to == null;
        if (begins) {
            to = snapshot;
            begun.put(state.nextTransaction(), state.written());
        }
        boolean ends = rows.size() == available && available < PAGE_ROWS;
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

    private void bind() throws SQLException {
        StringBuilder open = new StringBuilder("{");
        StringBuilder after = new StringBuilder("{");
        openAfter.forEach((transaction, seq) -> {
            String comma = open.length() == 1 ? "" : ",";
            open.append(comma).append(transaction);
            after.append(comma).append(lsn(seq));
        });
        look.setString(1, Long.toString(from.xmax()));
        look.setString(2, lsn(begunAfter));
        look.setString(3, open.append('}').toString());
        look.setString(4, after.append('}').toString());
        look.setString(5, to == null ? null : to.toString());
        look.setString(6, lsn(reached));
        look.setString(7, Long.toString(reachedBy));
    }

    /** A place in the write-ahead log as PostgreSQL writes it. */
    static String lsn(long place) {
        return Long.toHexString(place >>> 32) + '/' + Long.toHexString(place & 0xffffffffL);
    }

    private static long place(String lsn) {
        int slash = lsn.indexOf('/');
        return Long.parseLong(lsn, 0, slash, 16) << 32 | Long.parseLong(lsn, slash + 1, lsn.length(), 16);
    }

    /** What the last look showed beside the rows. */
    State state() {
        return state;
    }
}
