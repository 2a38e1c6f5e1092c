package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.journal.read.JournalFetcher;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reader's wait with its doorbell. While single changes arrive, it reads each one when it is notified, and keeps
 * waiting with the bell armed; when changes are more frequent it stops waiting. {@code src/model} has the protocol as
 * a checked model.
 */
final class IdleWaiter {

    private static final Logger log = LoggerFactory.getLogger(IdleWaiter.class);

    /** How long the bell stays armed while the task does not poll: a notification would wake nobody. */
    static final int ABSENCE_MS = 1_000;

    /** How long the end of a transaction that does not notify may go unnoticed. */
    private static final int LONGEST_STEP_MS = 16;

    /** How often the wait is interrupted to check for a stop, which runs no statement. */
    private static final int NAP_MS = 100;

    /** The longest wait after changes have arrived, since the journal has grown. */
    private static final long DISTURBED_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * A writer or another task holds the bell's lock only for a moment; a session that holds it for longer is logged.
     */
    private static final long REFUSED_NS = TimeUnit.SECONDS.toNanos(5);

    private static final long ARM_AGAIN_NS = TimeUnit.SECONDS.toNanos(1);

    private final SessionLoop loop;
    private final Doorbell doorbell;
    private final PageQueue queue;
    private final JournalFetcher fetcher;
    private final long longestNs;
    /** Since when the bell could not be armed; 0 if it could. */
    private long refusedSince;

    private long nextTry;
    private boolean warned;

    /**
     * @param longestNs the longest sleep, in nanoseconds: afterwards there may be other things to do
     */
    IdleWaiter(SessionLoop loop, Doorbell doorbell, PageQueue queue, JournalFetcher fetcher, long longestNs) {
        this.longestNs = longestNs;
        this.loop = loop;
        this.doorbell = doorbell;
        this.queue = queue;
        this.fetcher = fetcher;
    }

    /**
     * Waits, and reads what arrives meanwhile.
     *
     * @param silenceNs the time since the last change
     * @return whether there is, or may be, something to read
     */
    boolean untilMoreIsToBeDone(long silenceNs) throws SQLException, InterruptedException {
        if (!arm()) {
            loop.pause(WaitPlan.pauseMs(silenceNs));
            return false;
        }
        try {
            return untilDisturbed();
        } finally {
            // Also when the task is being stopped: otherwise every statement would try whether it has died.
            doorbell.disarm();
        }
    }

    /** Any role that can connect can hold the bell's lock: the task then waits as without a doorbell. */
    private boolean arm() throws SQLException {
        long now = System.nanoTime();
        if (refusedSince != 0 && now - nextTry < 0) {
            return false;
        }
        if (doorbell.arm()) {
            refusedSince = 0;
            warned = false;
            return true;
        }
        refusedSince = refusedSince == 0 ? now : refusedSince;
        if (now - refusedSince >= REFUSED_NS) {
            nextTry = now + ARM_AGAIN_NS;
            if (!warned) {
                warned = true;
                log.warn(
                        "Connector {}: cannot arm the doorbell, because another session holds its lock: {}. Until the"
                                + " lock is free, the task reads the journal at intervals. End that session if it does"
                                + " not belong to the connector.",
                        doorbell.connector(),
                        doorbell.holders());
            }
        }
        return false;
    }

    /**
     * A writer that read the bell's state before it was armed may commit after the read that follows. Such a writer
     * was in progress then, so wait for all of those to end before relying on the bell.
     */
    private boolean untilDisturbed() throws SQLException, InterruptedException {
        long until = System.nanoTime() + longestNs;
        boolean found = fetcher.look();
        long armedAt = state().nextTransaction();
        int step = 1;
        while (true) {
            long now = System.nanoTime();
            if (found) {
                until = Math.min(until, now + DISTURBED_NS);
            }
            if (!fetcher.calm() || found && !(fetcher.fewCome() && queue.awaitRoom(0))) {
                return true;
            }
            // One of those in progress may stay open for hours. Transactions that have begun since then notify.
            if (loop.isStopping() || !queue.askedWithin(ABSENCE_MS) || now - until >= 0) {
                return false;
            }
            boolean trusted = state().snapshot().xmin() >= armedAt;
            boolean rung = doorbell.await(trusted ? NAP_MS : step);
            step = Math.min(2 * step, LONGEST_STEP_MS);
            // Before disarming the bell, which writes WAL: this read need not wait for that to be flushed.
            found = (rung || !trusted || fetcher.beatIsDue()) && fetcher.look();
        }
    }

    private ReadState state() {
        return Objects.requireNonNull(fetcher.state(), "state");
    }
}
