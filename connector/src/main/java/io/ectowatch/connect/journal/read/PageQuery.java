package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the next page of a cut, or of a new one; its size is bounded. */
final class PageQuery implements AutoCloseable {

    /** A page ends after so many bytes, but has at least one row. */
    private static final long BYTES = 4L << 20;

    /** A page ends after so many rows. */
    static final int ROWS = 2_000;

    /**
     * A row that is new since a cut was written either by a transaction that had not begun then, or by one that was
     * in progress then and has ended. One pass finds both, from the lowest possible LSN on. That is hardly before
     * what the last read has read, unless a transaction has ended that was long in progress.
     */
    private static final String LOOK = """
            ${state}
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                   sized.lsn, sized.xid, (date_part('epoch', sized.at) * 1000)::int8,
                   sized.layout, sized.event, ${body}, sized.bytes
            FROM (SELECT found.*,
                         sum(octet_length(found.body)) OVER (ORDER BY found.lsn, found.xid ROWS UNBOUNDED PRECEDING) AS bytes
                  FROM (${found}
                        ORDER BY lsn, xid
                        LIMIT ${rows}) AS found) AS sized
            WHERE sized.bytes - octet_length(sized.body) < ${bytes}
            """;

    /** It stops after a page, so that a large backlog is not sorted again for every page. */
    private static final String FOUND = """
            SELECT j.* FROM asked CROSS JOIN ended
            CROSS JOIN LATERAL (SELECT * FROM ${journal} AS r
                                WHERE r.lsn >= greatest(least(asked.begun_after, ended.after), asked.reached)
                                  AND (r.lsn, r.xid) > (asked.reached, asked.reached_by)
                                  AND (r.xid >= asked.xmax
                                           AND (asked.cut IS NULL OR pg_visible_in_snapshot(r.xid, asked.cut))
                                       OR r.xid = ANY (ended.xids))
                                ORDER BY r.lsn, r.xid LIMIT ${rows}) AS j
            """;

    /** The transactions that were in progress and have ended. */
    private static final String ENDED = """
            SELECT array_agg(o.xid) AS xids, min(o.after) AS after
            FROM asked CROSS JOIN LATERAL unnest(asked.open, asked.open_after) AS o (xid, after)
            WHERE pg_visible_in_snapshot(o.xid, coalesce(asked.cut, pg_current_snapshot()))
            """;

    private final PreparedStatement query;

    /** @param bodies whether to read them; without bodies, the contents of a row cannot make the query fail */
    PageQuery(Connection connection, ObjectNames names, OwnerFence fence, List<Integer> tables, boolean bodies)
            throws SQLException {
        List<String> found = new ArrayList<>();
        for (int table : tables) {
            found.add(FOUND.replace("${journal}", names.journal(table)));
        }
        query = connection.prepareStatement("WITH asked AS MATERIALIZED (SELECT ?::text::xid8 AS xmax,"
                + " ?::text::pg_lsn AS begun_after, ?::text::xid8[] AS open, ?::text::pg_lsn[] AS open_after,"
                + " ?::text::pg_snapshot AS cut, ?::text::pg_lsn AS reached, ?::text::xid8 AS reached_by),\n"
                + "ended AS MATERIALIZED (" + ENDED + ")\n"
                + LOOK.replace("${state}", ReadState.sql(names, fence).stripTrailing())
                        .replace("${body}", bodies ? "sized.body" : "NULL")
                        .replace("${bytes}", Long.toString(BYTES))
                        .replace("${found}", String.join("\nUNION ALL\n", found))
                        .replace("${rows}", Integer.toString(ROWS)));
    }

    /**
     * Finds the rows that a cut sees and the one before does not.
     *
     * @param xmax where the cut before ends
     * @param begunAfter rows of transactions from {@code xmax} on have LSNs from here on
     * @param openAfter the transactions that were in progress in it, and from where on their rows have LSNs
     * @param cut the cut to read, or null for a new one
     * @param reached only rows after this LSN
     * @param reachedBy and after this transaction at that LSN
     */
    PageResult take(
            long xmax,
            long begunAfter,
            Map<Long, Long> openAfter,
            @Nullable XidSnapshot cut,
            long reached,
            long reachedBy)
            throws SQLException {
        StringBuilder after = new StringBuilder();
        openAfter.values().forEach(place -> after.append(after.isEmpty() ? "" : ",")
                .append(Lsn.text(place)));
        query.setString(1, Long.toString(xmax));
        query.setString(2, Lsn.text(begunAfter));
        query.setString(3, array(openAfter));
        query.setString(4, "{" + after + "}");
        query.setString(5, cut == null ? null : cut.toString());
        query.setString(6, Lsn.text(reached));
        query.setString(7, Long.toString(reachedBy));
        return PageResult.by(query, ROWS, BYTES);
    }

    @Override
    public void close() throws SQLException {
        query.close();
    }

    /** These transactions as an SQL array. */
    static String array(Map<Long, Long> openAfter) {
        return openAfter.keySet().toString().replace('[', '{').replace(']', '}');
    }
}
