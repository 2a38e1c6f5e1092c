package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.journal.state.ReadState;
import java.util.concurrent.TimeUnit;

/**
 * How a task without a doorbell waits for its next read. It waits on the server until WAL is written, if that shows that
 * a change may have come. Otherwise it pauses: the longer, the longer nothing has come.
 */
final class WaitPlan {

    /** Instead of a pause: wait for WAL. */
    static final long FOR_WAL = 0;

    /** The pause between two reads is this fraction of the time since the last change. */
    private static final int SHARE_OF_SILENCE = 250;

    private static final long SHORTEST_MS = 2;

    /** With such pauses alone, the task runs fewer than thirty statements a second. */
    private static final long LONGEST_MS = 34;

    /** A wait for WAL notices it after half of this on average. */
    private static final int LONGEST_STEP_MS = 10;

    /** A commit writes WAL shortly before other sessions see its changes. So reads follow, after 1, 2, 4 and 8 ms. */
    private static final int LONGEST_RETRY_MS = 8;

    /** Transactions that write no changes for this connector wake it needlessly. Then pause for a while, and longer. */
    private static final long SHORTEST_DETOUR_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long LONGEST_DETOUR_NS = TimeUnit.MINUTES.toNanos(1);

    /** A transaction that has been open for longer is not one whose commit is being flushed. */
    private static final long OLD_NS = TimeUnit.SECONDS.toNanos(1);

    private long quietSince;
    private long retryMs;
    private boolean woken;
    private long detourNs;
    private long detourUntil;

    /** Transactions below have been open for {@link #OLD_NS} if they are in progress still. */
    private long oldBelow;

    /** As of {@link #countedAt}. */
    private long next;

    private long countedAt;

    WaitPlan(long now) {
        quietSince = now;
        detourUntil = now;
        countedAt = now;
    }

    /**
     * The pause before the next read in milliseconds, or {@link #FOR_WAL}, after a read that found nothing.
     *
     * @param state as of that read
     * @param quietSince when a read last found something
     * @param now in nanoseconds, as of {@link System#nanoTime}
     */
    long pauseMs(ReadState state, long quietSince, long now) {
        ageTransactions(state, now);
        if (quietSince != this.quietSince) {
            this.quietSince = quietSince;
            woken = false;
            retryMs = 0;
            detourNs = 0;
            detourUntil = now;
        }
        if (woken) {
            woken = false;
            retryMs = 1;
        }
        if (retryMs > 0) {
            long retry = retryMs;
            if (retry <= LONGEST_RETRY_MS && !state.nothingInProgress()) {
                retryMs *= 2;
                return retry;
            }
            retryMs = 0;
            detourNs = Math.min(Math.max(2 * detourNs, SHORTEST_DETOUR_NS), LONGEST_DETOUR_NS);
            detourUntil = now + detourNs;
        }
        boolean tells = state.nothingInProgress() || onlyOldOnesInProgress(state);
        return tells && now - detourUntil >= 0 ? FOR_WAL : pauseMs(now - quietSince);
    }

    /** A wait for WAL has ended. */
    void waited(boolean woken) {
        this.woken = woken;
        if (!woken) {
            detourNs /= 2;
        }
    }

    /** How often the server looks during a wait for WAL. */
    int stepMs(long now) {
        return (int) Math.min(pauseMs(now - quietSince), LONGEST_STEP_MS);
    }

    /** The pause, after so long without a change. */
    static long pauseMs(long silenceNs) {
        long share = TimeUnit.NANOSECONDS.toMillis(silenceNs) / SHARE_OF_SILENCE;
        return Math.max(SHORTEST_MS, Math.min(share, LONGEST_MS));
    }

    private void ageTransactions(ReadState state, long now) {
        if (now - countedAt >= OLD_NS) {
            oldBelow = next;
            next = state.nextTransaction();
            countedAt = now;
        }
    }

    private boolean onlyOldOnesInProgress(ReadState state) {
        long[] inProgress = state.snapshot().inProgress();
        return state.snapshot().xmax() >= state.nextTransaction()
                && (inProgress.length == 0 || inProgress[inProgress.length - 1] < oldBelow);
    }
}
