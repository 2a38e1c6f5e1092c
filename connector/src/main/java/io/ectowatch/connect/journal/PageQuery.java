package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Looks for the next page of a cut, or of a new one: of bounded size, whatever there is. */
final class PageQuery implements AutoCloseable {

    /** A page ends after so many bytes, at least one row long. */
    private static final long BYTES = 4L << 20;

    /** And after so many rows. */
    static final int ROWS = 2_000;

    /**
     * What is new since a cut was written either by a transaction that had not begun then, or by one that was in
     * progress then and has ended. Both are looked for in one pass, from the number on where the first of them can be
     * found: hardly further back than what the look before has read, unless one has ended that was long in progress.
     */
    private static final String LOOK = """
            ${state}
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                   sized.seq, sized.xid, (date_part('epoch', sized.at) * 1000)::int8,
                   sized.layout, sized.event, ${body}, sized.available
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

    private final PreparedStatement query;

    /** {@code bodies}: whether to ask for them; without, nothing that a writer's text holds can make it fail. */
    PageQuery(Connection connection, ObjectNames names, Ownership ownership, List<Integer> tables, boolean bodies)
            throws SQLException {
        List<String> found = new ArrayList<>();
        for (int table : tables) {
            found.add(FOUND.replace("${journal}", names.journal(table)));
        }
        query = connection.prepareStatement("WITH asked AS MATERIALIZED (SELECT ?::text::xid8 AS xmax,"
                + " ?::text::pg_lsn AS begun_after, ?::text::xid8[] AS open, ?::text::pg_lsn[] AS open_after,"
                + " ?::text::pg_snapshot AS cut, ?::text::pg_lsn AS reached, ?::text::xid8 AS reached_by),\n"
                + "ended AS MATERIALIZED (" + ENDED + ")\n"
                + LOOK.replace("${state}", JournalState.sql(names, ownership).stripTrailing())
                        .replace("${body}", bodies ? "sized.body" : "NULL")
                        .replace("${bytes}", Long.toString(BYTES))
                        .replace("${found}", String.join("\nUNION ALL\n", found))
                        .replace("${rows}", Integer.toString(ROWS)));
    }

    /**
     * Finds what a cut sees and the one before it does not.
     *
     * @param xmax where the cut before ends
     * @param begunAfter rows of transactions from there on have numbers from here on
     * @param openAfter the transactions that were in progress in it, and from where on their rows have numbers
     * @param cut the cut being taken, or null for a new one
     * @param reached only what comes after this number
     * @param reachedBy and this transaction
     */
    Found take(long xmax, long begunAfter, Map<Long, Long> openAfter, Snapshot cut, long reached, long reachedBy)
            throws SQLException {
        StringBuilder after = new StringBuilder();
        openAfter.values().forEach(place -> after.append(after.isEmpty() ? "" : ",")
                .append(LogPlace.text(place)));
        query.setString(1, Long.toString(xmax));
        query.setString(2, LogPlace.text(begunAfter));
        query.setString(3, array(openAfter));
        query.setString(4, "{" + after + "}");
        query.setString(5, cut == null ? null : cut.toString());
        query.setString(6, LogPlace.text(reached));
        query.setString(7, Long.toString(reachedBy));
        return Found.by(query);
    }

    @Override
    public void close() throws SQLException {
        query.close();
    }

    /** Those transactions as an SQL array. */
    static String array(Map<Long, Long> openAfter) {
        return openAfter.keySet().toString().replace('[', '{').replace(']', '}');
    }
}
