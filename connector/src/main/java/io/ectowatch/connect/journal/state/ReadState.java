package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.protocol.RingBits;

/**
 * What a read shows of the database, besides the journal's rows.
 *
 * @param snapshot the current snapshot
 * @param losses the value of the loss sequence: the time of the last loss, in microseconds since 1970; 0 for none
 * @param ring the value that tells triggers where to write, and the number of the spare table, as {@link
 *     RingBits#joined} puts them into one number
 * @param written how far the WAL was written at least when the snapshot was taken
 * @param flushed how far the WAL was flushed after the snapshot was taken
 * @param nextTransaction no transaction had this number or a higher one when the snapshot was taken
 * @param owned whether this task is the journal's owner
 * @param clock the server's time, in milliseconds since 1970; not later than when {@code nextTransaction} was read
 */
public record ReadState(
        XidSnapshot snapshot,
        long losses,
        long ring,
        long written,
        long flushed,
        long nextTransaction,
        boolean owned,
        long clock) {

    /** The size of the header of a WAL page: less than that of any commit record. */
    private static final int PAGE_HEADER = 24;

    /** Its columns as SQL, followed by those of a journal row, which are null. */
    private static final String SQL = """
            SELECT here.snapshot, here.losses, here.state, here.written, here.flushed, here.next_xid, here.owned,
                   here.clock,
                   NULL::pg_lsn AS lsn, NULL::xid8 AS xid, NULL::int8 AS at, NULL::int4 AS layout, NULL::"char" AS event,
                   NULL::text AS body, NULL::int8 AS bytes
            FROM (SELECT pg_current_snapshot()::text AS snapshot,
                         (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ${lost}) AS losses,
                         (SELECT ${state} FROM ${ring} AS r) AS state,
                         log.written - '0/0'::pg_lsn AS written,
                         pg_current_wal_flush_lsn() - '0/0'::pg_lsn AS flushed,
                         numbers.next_xid,
                         ${owned} AS owned,
                         log.clock
                  FROM (SELECT pg_current_wal_insert_lsn() AS written,
                               floor(date_part('epoch', clock_timestamp()) * 1000)::int8 AS clock OFFSET 0) AS log
                  -- Looked for after the log's end, which is why it depends on it: see CutReader.begun.
                  CROSS JOIN LATERAL (SELECT ${next} AS next_xid
                                      FROM pg_current_snapshot() AS s
                                      WHERE log.written IS NOT NULL
                                      OFFSET 0) AS numbers) AS here
            """;

    /** Whether every transaction that had a number had ended. */
    public boolean nothingInProgress() {
        return snapshot.xmin() >= nextTransaction;
    }

    /**
     * An LSN at or after the commit record of each transaction that the snapshot sees: a transaction writes that record
     * before it becomes visible. {@link #flushed} would not do, since an asynchronous commit is visible before its flush.
     *
     * <p>If the last record ends with its page, {@link #written} is after the header of the next page, and a standby
     * would reach it only with the next record.
     */
    public long visibleAt() {
        return written - flushed == PAGE_HEADER ? flushed : written;
    }

    public static String sql(ObjectNames names, OwnerFence fence) {
        return SQL.replace("${next}", XidSnapshot.NEXT_XID)
                .replace("${lost}", names.lost())
                .replace("${state}", RingBits.joined("r.last_value", "(SELECT last_value FROM " + names.spare() + ")"))
                .replace("${ring}", names.ring())
                .replace("${owned}", fence.condition());
    }
}
