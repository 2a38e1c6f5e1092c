package io.ectowatch.connect.journal;

import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reader's sleep beside its bell. While changes come one at a time it takes each that it is woken for, and sleeps on
 * with the bell armed; when they come faster it gets up. {@code src/model} has the protocol as a checked model.
 */
final class Sleep {

    private static final Logger log = LoggerFactory.getLogger(Sleep.class);

    /** How long an absent task keeps the bell armed at most: whoever rings it would ring for nobody. */
    static final int ABSENCE_MS = 1_000;

    /** How long the end of a transaction that does not ring may go unnoticed. */
    private static final int LONGEST_STEP_MS = 16;

    /** How often it turns over in its sleep, which costs no statement: so soon it notices that it is to stop. */
    private static final int NAP_MS = 100;

    /** The longest sleep after something has come, since the journal has grown. */
    private static final long DISTURBED_NS = TimeUnit.SECONDS.toNanos(1);

    /** A writer or another task has the bell's lock for a moment only; who has it for longer is named in the log. */
    private static final long REFUSED_NS = TimeUnit.SECONDS.toNanos(5);

    private static final long ARM_AGAIN_NS = TimeUnit.SECONDS.toNanos(1);

    private final SessionLoop loop;
    private final Doorbell doorbell;
    private final PageQueue queue;
    private final JournalDrain drain;
    private final long longestNs;
    /** Since when the bell could not be armed; 0 when it could be. */
    private long refusedSince;

    private long nextTry;
    private boolean told;

    /**
     * @param longestNs the longest sleep, in nanoseconds: afterwards there may be other things to do
     */
    Sleep(SessionLoop loop, Doorbell doorbell, PageQueue queue, JournalDrain drain, long longestNs) {
        this.longestNs = longestNs;
        this.loop = loop;
        this.doorbell = doorbell;
        this.queue = queue;
        this.drain = drain;
    }

    /**
     * Sleeps, and takes what comes meanwhile.
     *
     * @param silenceNs how long nothing has come
     * @return whether there is, or may be, something to read
     */
    boolean untilMoreIsToBeDone(long silenceNs) throws SQLException, InterruptedException {
        if (!arm()) {
            loop.pause(BellChoice.pauseMs(silenceNs));
            return false;
        }
        try {
            return untilDisturbed();
        } finally {
            // Also when the task is being stopped: else every statement would try whether it has died.
            doorbell.disarm();
        }
    }

    /** Any role that can connect can hold the bell's lock: the task then has to wait as it does without a bell. */
    private boolean arm() throws SQLException {
        long now = System.nanoTime();
        if (refusedSince != 0 && now - nextTry < 0) {
            return false;
        }
        if (doorbell.arm()) {
            refusedSince = 0;
            told = false;
            return true;
        }
        refusedSince = refusedSince == 0 ? now : refusedSince;
        if (now - refusedSince >= REFUSED_NS) {
            nextTry = now + ARM_AGAIN_NS;
            if (!told) {
                told = true;
                log.warn(
                        "The bell cannot be armed, because its lock is held: {}. Until it is free, the task reads the"
                                + " journal at intervals.",
                        doorbell.holders());
            }
        }
        return false;
    }

    /**
     * A writer that looked at the bell before it was armed may commit after the look that follows; such a one was in
     * progress then, so wait for all of those to end before trusting the bell.
     */
    private boolean untilDisturbed() throws SQLException, InterruptedException {
        long until = System.nanoTime() + longestNs;
        boolean found = drain.look();
        long armedAt = drain.state().nextTransaction();
        int step = 1;
        while (true) {
            long now = System.nanoTime();
            if (found) {
                until = Math.min(until, now + DISTURBED_NS);
            }
            if (!drain.calm() || found && !(drain.fewCome() && queue.awaitRoom(0))) {
                return true;
            }
            // One of those in progress may stay open for hours. Those that have begun since ring.
            if (loop.isStopping() || !queue.askedWithin(ABSENCE_MS) || now - until >= 0) {
                return false;
            }
            boolean trusted = drain.state().snapshot().xmin() >= armedAt;
            boolean rung = doorbell.await(trusted ? NAP_MS : step);
            step = Math.min(2 * step, LONGEST_STEP_MS);
            // Before the bell is disarmed: that writes to the log, and what is read here need not wait for its flush.
            found = (rung || !trusted) && drain.look();
        }
    }
}
