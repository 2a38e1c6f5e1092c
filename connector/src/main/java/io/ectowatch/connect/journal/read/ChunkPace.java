package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.ChunkLimits;
import java.util.concurrent.TimeUnit;

/**
 * How large a chunk of a backfill may be, so that changes do not wait long for it. A change that is committed meanwhile waits
 * until the chunk has been read, and then until the task has published what was read before the change.
 */
final class ChunkPace {

    /** A change is followed by others within about this time. */
    private static final long LIVE_NS = TimeUnit.SECONDS.toNanos(2);

    /** While there are changes, neither reading nor publishing a chunk should take longer. */
    private static final long GOAL_NS = TimeUnit.MILLISECONDS.toNanos(3);

    /** What each chunk costs, however few its rows, takes about as long as publishing so many. */
    private static final int LEAST_ROWS = 50;

    private boolean live;
    private long lastChange;

    /** Changes were read. */
    void changed(long nanoTime) {
        live = true;
        lastChange = nanoTime;
    }

    /** @param nanosPerRow how long the task takes for a row, or 0 if that is not known */
    ChunkLimits limits(long nanoTime, long nanosPerRow) {
        if (!live || nanoTime - lastChange > LIVE_NS) {
            live = false;
            return ChunkLimits.ALONE;
        }
        long rows = nanosPerRow == 0 ? LEAST_ROWS : GOAL_NS / nanosPerRow;
        return new ChunkLimits((int) Math.max(LEAST_ROWS, Math.min(rows, Integer.MAX_VALUE)), GOAL_NS);
    }
}
