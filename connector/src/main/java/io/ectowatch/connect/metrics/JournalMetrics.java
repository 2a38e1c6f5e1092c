package io.ectowatch.connect.metrics;

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
        to.add("fenced", "1 if another task has taken over the journal, else 0.", () -> fenced ? 1 : 0);
    }
}
