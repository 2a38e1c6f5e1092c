package io.ectowatch.connect.postgres;

import java.util.Arrays;

/**
 * A cut through a database's transactions: PostgreSQL's {@code pg_snapshot}. It sees a transaction that ended before
 * the cut.
 *
 * @param xmin the lowest transaction that may still be in progress: all below have ended
 * @param xmax one past the highest transaction that has ended: it sees none from here on
 * @param inProgress the transactions between the two that are in progress, ascending
 */
public record XidSnapshot(long xmin, long xmax, long[] inProgress) {

    /** Sees no transaction: the first ordinary one is 3. */
    public static final XidSnapshot BEFORE_EVERYTHING = new XidSnapshot(3, 3, new long[0]);

    /**
     * The SQL of the transaction ID that is assigned next, as {@code int8}, in a query over a snapshot {@code s}. That is not
     * {@link #xmax}: transactions above the highest one that has ended may be open.
     */
    public static final String NEXT_XID = "pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid)";

    /** From PostgreSQL's text form, {@code xmin:xmax:xip,xip,...}. */
    public static XidSnapshot parse(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        if (first < 1 || second < 0) {
            throw new IllegalArgumentException("not a snapshot: " + text);
        }
        String list = text.substring(second + 1);
        long[] inProgress = list.isEmpty()
                ? new long[0]
                : Arrays.stream(list.split(",")).mapToLong(Long::parseLong).toArray();
        return new XidSnapshot(
                Long.parseLong(text.substring(0, first)),
                Long.parseLong(text.substring(first + 1, second)),
                inProgress);
    }

    /** Whether the transaction had ended when the cut was made. */
    public boolean sees(long transaction) {
        return transaction < xmax && (transaction < xmin || Arrays.binarySearch(inProgress, transaction) < 0);
    }

    /** Whether it sees every transaction that {@code other} sees. */
    public boolean includes(XidSnapshot other) {
        return xmax >= other.xmax && Arrays.stream(inProgress).noneMatch(other::sees);
    }

    /** The same cut limited to transactions below {@code limit}: it sees none from there on. */
    public XidSnapshot below(long limit) {
        return new XidSnapshot(
                Math.min(xmin, limit),
                Math.min(xmax, limit),
                Arrays.stream(inProgress).filter(open -> open < limit).toArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof XidSnapshot that
                && xmin == that.xmin
                && xmax == that.xmax
                && Arrays.equals(inProgress, that.inProgress);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(xmin) * 31 + Long.hashCode(xmax);
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder().append(xmin).append(':').append(xmax).append(':');
        for (int i = 0; i < inProgress.length; i++) {
            text.append(i == 0 ? "" : ",").append(inProgress[i]);
        }
        return text.toString();
    }
}
