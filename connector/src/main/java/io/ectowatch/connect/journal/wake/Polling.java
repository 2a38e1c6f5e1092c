package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.journal.read.JournalFetcher;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The wait without a doorbell. */
final class Polling {

    /** So many waits for WAL follow each other without a read. */
    static final int WAITS = 3;

    private final SessionLoop loop;
    private final PageQueue queue;
    private final JournalFetcher fetcher;
    /** Null if the role may not wait on the server. */
    private final @Nullable WalWait wal;

    private final WaitPlan plan = new WaitPlan(System.nanoTime());
    private long writtenAtWait;

    /** @param connection that of the reads */
    Polling(SessionLoop loop, PageQueue queue, JournalFetcher fetcher, Connection connection) throws SQLException {
        this.loop = loop;
        this.queue = queue;
        this.fetcher = fetcher;
        wal = WalWait.isAllowed(connection) ? new WalWait(connection) : null;
    }

    /**
     * Waits before the next read.
     *
     * @param quietSince when a read last found something
     * @param othersWait whether there are other things to do soon
     */
    void pause(long quietSince, boolean othersWait) throws SQLException, InterruptedException {
        long now = System.nanoTime();
        ReadState state = fetcher.state();
        long pauseMs = wal == null || state == null || othersWait
                ? WaitPlan.pauseMs(now - quietSince)
                : plan.pauseMs(state, quietSince, now);
        if (wal != null && pauseMs == WaitPlan.FOR_WAL) {
            plan.waited(awaitWal(wal, plan.stepMs(now)));
        } else {
            loop.pause(pauseMs);
        }
    }

    /**
     * Waits for what the last read could not see. A transaction that it did not see, and that was not in progress,
     * writes WAL beyond any position from before that read.
     */
    private boolean awaitWal(WalWait wal, int stepMs) throws SQLException {
        long before = Math.max(fetcher.writtenBefore(), writtenAtWait);
        for (int i = 0; i < WAITS && !loop.isStopping() && queue.askedWithin(IdleWaiter.ABSENCE_MS); i++) {
            writtenAtWait = wal.beyond(before, stepMs);
            if (writtenAtWait > before) {
                return true;
            }
        }
        return false;
    }
}
