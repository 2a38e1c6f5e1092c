package io.ectowatch.connect.metrics;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The state of the journal as the task sees it. The reader's thread records; any thread reads. */
public final class JournalMetrics {

    private volatile long bytes;
    private volatile long limitBytes;
    private volatile long leaseMs;
    private volatile boolean suspended;
    private volatile long unreadAtMs;
    private volatile long rotations;
    private volatile long flushWaits;
    private volatile long rings;
    private volatile boolean fenced;
    private volatile long uncommittedRecords;
    /** By {@link System#nanoTime}; null if nothing waits. */
    private volatile @Nullable Long uncommittedSince;

    private volatile int openBackfills;
    private volatile long backfillRows;

    JournalMetrics() {}

    /** How long the triggers keep writing while no task reads, in milliseconds. */
    public void lease(long ms) {
        leaseMs = ms;
    }

    /** The size of the journal as the triggers measure it, and the size at which they suspend it. */
    public void size(long now, long limit, boolean isSuspended) {
        bytes = now;
        limitBytes = limit;
        suspended = isSuspended;
    }

    /**
     * How far the task has read.
     *
     * @param atMs when the last change that it has read was made, in milliseconds since 1970; 0 if it has read all
     */
    public void unread(long atMs) {
        if (unreadAtMs != atMs) {
            unreadAtMs = atMs;
        }
    }

    /** Adds to the counters what has happened since the last call. */
    public void count(long moreRotations, long moreFlushWaits, long moreRings) {
        if ((moreRotations | moreFlushWaits | moreRings) != 0) {
            rotations = rotations + moreRotations;
            flushWaits = flushWaits + moreFlushWaits;
            rings = rings + moreRings;
        }
    }

    /** Whether another task has taken over the journal. */
    public void fenced(boolean now) {
        if (fenced != now) {
            fenced = now;
        }
    }

    /**
     * How far Connect is behind with its commits.
     *
     * @param records that it has got, and has not committed as far as the task knows
     * @param since when it last made progress or had nothing to commit, by {@link System#nanoTime}
     */
    public void uncommitted(long records, long since) {
        uncommittedRecords = records;
        uncommittedSince = records == 0 ? null : (Long) since;
    }

    /**
     * The backfills that have not ended.
     *
     * @param rows how many rows they have read
     */
    public void backfills(int open, long rows) {
        if (openBackfills != open || backfillRows != rows) {
            openBackfills = open;
            backfillRows = rows;
        }
    }

    private long uncommittedMs() {
        Long since = uncommittedSince;
        return since == null ? 0 : Math.max(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since), 0);
    }

    void register(MetricSink to) {
        to.add("journal-bytes", "The size of the journal, with its indexes.", () -> bytes);
        to.add("journal-limit-bytes", "The size at which the triggers suspend the journal.", () -> limitBytes);
        to.add(
                "journal-lease-ms",
                "How long the triggers keep writing while no task reads, in milliseconds.",
                () -> leaseMs);
        to.add(
                "journal-suspended",
                "1 while the triggers do not write to the journal, else 0.",
                () -> suspended ? 1 : 0);
        to.add(
                "oldest-unread-ms",
                "Milliseconds since the last change that the task has read was made; 0 if it has read all.",
                () -> unreadAtMs == 0 ? 0 : Math.max(System.currentTimeMillis() - unreadAtMs, 0));
        to.add(
                "journal-rotations-total",
                "How often triggers were switched to another journal table.",
                () -> rotations);
        to.add("flush-waits-total", "How often the task waited for a flush of the WAL.", () -> flushWaits);
        to.add("rings-total", "Notifications that have woken the task.", () -> rings);
        to.add(
                "uncommitted-records",
                "Records that were returned to Kafka Connect and are not known to be committed.",
                () -> uncommittedRecords);
        to.add(
                "uncommitted-ms",
                "Milliseconds since Kafka Connect last committed some of the uncommitted records; 0 without any.",
                this::uncommittedMs);
        to.add("backfills-open", "Backfills that have not ended.", () -> openBackfills);
        to.add("backfill-rows", "Rows that the open backfills have read so far.", () -> backfillRows);
        to.add("fenced", "1 if another task has taken over the journal, else 0.", () -> fenced ? 1 : 0);
    }
}
