package io.ectowatch.connect.install.drift;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** When the next check of the triggers and the next read of the catalog are pending. Not thread-safe, except for {@link #recheck}. */
final class CheckSchedule {

    /** How often to check that the triggers are unchanged; more often if {@code table.poll.interval.ms} is shorter. */
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(5);

    /** The shortest time between two reads of the whole catalog. */
    private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long LEASE_EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    private final AtomicBoolean recheck = new AtomicBoolean();
    private final long lookNs;
    private final long pollNs;
    private long nextLook;
    private long earliestRecheck = System.nanoTime();
    private long nextPoll;
    private long nextLease = System.nanoTime();

    /** @param tablePollMs how often to read the catalog, in milliseconds */
    CheckSchedule(long tablePollMs) {
        pollNs = TimeUnit.MILLISECONDS.toNanos(tablePollMs);
        lookNs = Math.min(LOOK_NS, pollNs);
    }

    /** How often the triggers are checked, in nanoseconds. */
    long lookNs() {
        return lookNs;
    }

    /** Requests another read of the catalog. Thread-safe. */
    void recheck() {
        recheck.set(true);
    }

    /** Records that the result of a read of the catalog was taken over. */
    void catalogTaken() {
        long now = System.nanoTime();
        nextLook = now + lookNs;
        nextPoll = now + pollNs;
    }

    /** Whether the triggers are to be checked now; if so, the next check is {@link #lookNs} later. */
    boolean lookIsPending() {
        long now = System.nanoTime();
        if (now - nextLook < 0) {
            return false;
        }
        nextLook = now + lookNs;
        return true;
    }

    /** Whether the catalog is to be read now; if so, a request for that is fulfilled. */
    boolean catalogIsPending() {
        long now = System.nanoTime();
        boolean requested = recheck.get() && now - earliestRecheck >= 0;
        if (!requested && now - nextPoll < 0) {
            return false;
        }
        recheck.set(false);
        earliestRecheck = now + RECHECK_NS;
        return true;
    }

    /** Whether the lease is to be renewed now. */
    boolean leaseIsPending() {
        return System.nanoTime() - nextLease >= 0;
    }

    /** Records that the lease was renewed. */
    void leaseRenewed() {
        nextLease = System.nanoTime() + LEASE_EVERY_NS;
    }
}
