package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.journal.read.JournalFetcher;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The time between two reads of the journal: how long it lasts, and what ends it. Belongs to the reader's thread. */
public final class ReadPause {

    /** Under load the task keeps reading; it starts to wait only after this time without a change. */
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int STEP_MICROS = 1_000;
    /** While triggers are installed or checked; longer if that takes long, as while a table is locked. */
    private static final int SHORTEST_STEP_MS = 5;

    /** While the task has not taken a chunk of a backfill yet. */
    private static final int CHUNK_MS = 10;

    /** The same while changes come. */
    private static final int LIVE_CHUNK_MS = 1;

    /** While Connect does not poll, and nothing else is to be done. */
    private static final int ABSENT_MS = 100;

    private final SessionLoop loop;
    private final PageQueue queue;
    private final JournalFetcher fetcher;
    /** Null if no doorbell may wake the task. */
    private final @Nullable IdleWaiter waiter;

    private final Polling polling;
    private long quietSince = System.nanoTime();
    private long lastRead = quietSince;
    private boolean found;

    /**
     * @param reading the connection of the reads
     * @param doorbell null if none may wake the task
     * @param longestNs the longest wait with a doorbell, in nanoseconds
     */
    public ReadPause(
            SessionLoop loop,
            PageQueue queue,
            JournalFetcher fetcher,
            Connection reading,
            @Nullable Doorbell doorbell,
            long longestNs)
            throws SQLException {
        this.loop = loop;
        this.queue = queue;
        this.fetcher = fetcher;
        waiter = doorbell == null ? null : new IdleWaiter(loop, doorbell, queue, fetcher, longestNs);
        polling = new Polling(loop, queue, fetcher, reading);
    }

    /** Records whether a read has found something. */
    public void afterRead(boolean foundSomething) {
        found = foundSomething;
        lastRead = System.nanoTime();
        if (found) {
            quietSince = lastRead;
        }
    }

    /** Whether the reads, which no doorbell interrupts, have found nothing for that time, in nanoseconds. */
    public boolean isIdleFor(long nanoseconds) {
        return waiter == null && !found && lastRead - quietSince >= nanoseconds;
    }

    /**
     * Waits before the next read.
     *
     * @param installing whether triggers are being installed or checked: Connect does not poll until a start has done that
     * @param othersWait whether there are other things to do soon
     * @param room whether there is room for what the next read may find
     */
    public void await(boolean installing, boolean othersWait, boolean room) throws SQLException, InterruptedException {
        long silence = lastRead - quietSince;
        boolean maySleep = waiter != null && !othersWait;
        if (fetcher.backfilling() && queue.holdsChunk()) {
            // The next chunk is read while the task publishes this one. Changes are found meanwhile.
            loop.pauseMicros(found ? fetcher.restMicros() : 0);
            queue.awaitChunkTaken(chunkMs(silence));
        } else if (found) {
            loop.pauseMicros(fetcher.restMicros());
        } else if (fetcher.chunkRestMicros() > 0) {
            loop.pauseMicros(Math.min(fetcher.chunkRestMicros(), STEP_MICROS));
        } else if (silence < SILENCE_NS && !(maySleep && fetcher.fewCome())) {
            loop.pauseMicros(STEP_MICROS);
        } else if (!queue.askedWithin(IdleWaiter.ABSENCE_MS)) {
            loop.pause(installing ? stepMs(silence) : ABSENT_MS);
        } else if (waiter == null) {
            polling.pause(quietSince, othersWait || !room);
        } else if (othersWait) {
            loop.pause(stepMs(silence));
        } else if (waiter.untilMoreIsToBeDone(silence)) {
            quietSince = System.nanoTime();
        }
    }

    private long chunkMs(long silence) {
        if (!queue.askedWithin(IdleWaiter.ABSENCE_MS)) {
            return ABSENT_MS;
        }
        if (!queue.chunkWaits()) {
            return stepMs(silence); // for Kafka, which may take minutes
        }
        return fetcher.changesCome() ? LIVE_CHUNK_MS : CHUNK_MS;
    }

    private static long stepMs(long silence) {
        return Math.max(SHORTEST_STEP_MS, WaitPlan.pauseMs(silence));
    }
}
