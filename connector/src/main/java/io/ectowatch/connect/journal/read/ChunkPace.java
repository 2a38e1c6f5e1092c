package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.ChunkLimits;
import java.util.concurrent.TimeUnit;

/**
 * How large a chunk of a backfill may be, so that changes do not wait long for it. A change that is committed meanwhile waits
 * until the chunk has been read, and then until the task has published what was read before the change: that chunk and at
 * most one more.
 */
final class ChunkPace {

    /** A change is followed by others within about this time. */
    private static final long LIVE_NS = TimeUnit.SECONDS.toNanos(2);

    /** While there are changes, neither reading nor publishing a chunk should take longer. */
    private static final long GOAL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** While no changes come. The first one that comes waits longer, and the backfill is faster. */
    private static final long CALM_GOAL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** If each poll is a transaction of Kafka, which takes long, however few its records. */
    private static final long TRANSACTION_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What each chunk costs, however few its rows, takes about as long as publishing so many. */
    private static final int LEAST_ROWS = 50;

    /** As long as it is not known how long the task takes. */
    private static final int FIRST_ROWS = 200;

    /**
     * While there are changes, the backfill rests for this many times as long as a chunk takes. Threads that are always busy
     * would delay those of the changes, wherever they share processors.
     */
    private static final int RESTS = 3;

    private boolean live;
    private long lastChange;
    /** Whether the last read of the journal was one with a chunk. */
    private boolean chunkRead;

    private boolean rests;
    private long restsUntil;

    /** Changes were read. */
    void changed(long nanoTime) {
        live = true;
        lastChange = nanoTime;
    }

    /**
     * The next read of the journal ends at the snapshot of a chunk.
     *
     * @param begun when the read of the chunk began
     */
    void chunkRead(long begun, long nanoTime) {
        chunkRead = true;
        rests = true;
        restsUntil = nanoTime + RESTS * (nanoTime - begun + GOAL_NS); // publishing it takes about as long as the goal
    }

    /** For how many nanoseconds no further chunk is read. */
    long rest(long nanoTime) {
        long left = restsUntil - nanoTime;
        rests &= left > 0;
        return rests && isLive(nanoTime) ? left : 0;
    }

    /**
     * Whether the journal is read alone now, before another chunk is: while the backfill rests, and at least once after each
     * chunk. Changes that were committed while the last chunk was read should not wait for the next one, too.
     *
     * @param rowsBefore how many rows the last read has found: if there were many, chunks wait longer anyway
     */
    boolean journalFirst(long nanoTime, int rowsBefore) {
        boolean first = chunkRead && isLive(nanoTime) && rowsBefore <= BackfillRunner.FEW_ROWS;
        chunkRead = false;
        return first || rest(nanoTime) > 0;
    }

    /** Whether changes have come lately. */
    boolean isLive(long nanoTime) {
        live &= nanoTime - lastChange <= LIVE_NS;
        return live;
    }

    /**
     * @param nanosPerRow how long the task takes for a row, or 0 if that is not known
     * @param transactional whether each poll is a transaction of Kafka
     */
    ChunkLimits limits(long nanoTime, long nanosPerRow, boolean transactional) {
        isLive(nanoTime);
        if (nanosPerRow == 0) {
            return new ChunkLimits(live ? LEAST_ROWS : FIRST_ROWS, CALM_GOAL_NS);
        }
        long goal = live && !transactional ? GOAL_NS : CALM_GOAL_NS;
        long rows = (transactional ? TRANSACTION_NS : goal) / nanosPerRow;
        return new ChunkLimits((int) Math.max(LEAST_ROWS, Math.min(rows, Integer.MAX_VALUE)), goal);
    }
}
