package io.ectowatch.connect.journal.offset;

import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.state.JournalPosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tracks how far Connect has committed. Thread-safe.
 *
 * <p>An ordinary worker reports that it has committed, but not what: an offset commit covers the records that Kafka
 * had acknowledged when the commit began. So records that were acknowledged at one commit are certainly committed at
 * the next.
 *
 * <p>A worker with exactly-once commits transactions on the task's thread, between two polls. Records that it has sent or
 * dropped are reported once they are committed. If it has dropped all of them, it has no transaction, and only says that it
 * has committed. That covers what was handed over before the latest poll: it polls again only when it has dispatched
 * everything. The latest poll itself may be dispatched in part, if the task is paused while Connect retries to send. Where
 * each poll is a transaction, the next poll proves that the previous one is finished.
 *
 * <p>An ordinary worker commits on the task's thread once, after the last poll. So such a commit counts only if another poll
 * follows.
 */
public final class AckTracker {

    /** After how long without progress the log has a warning; Connect commits each minute by default. */
    static final long STALLED_NS = TimeUnit.MINUTES.toNanos(10);

    /** Enough for some 16,000 small rows: more than a broker acknowledges within a tenth of a second. */
    private static final long MOST_BYTES = 16L << 20;

    private final LongSupplier nanoTime;
    /** The same if records are acknowledged only when a transaction of many polls is committed. */
    private final long mostBytesOfTransactions;
    /** Batches that were handed over, but not completely acknowledged yet. */
    private final Deque<PolledBatch> batches = new ArrayDeque<>();

    /** How many of them were handed over before the latest poll. */
    private int dispatched;

    private boolean transactional;
    private boolean eachPollIsATransaction;
    /** Whether there was a commit between two polls, if another poll follows. */
    private boolean committedSinceTheLatestPoll;

    private @Nullable JournalPosition acknowledged;
    private @Nullable JournalPosition acknowledgedAtLastCommit;
    private @Nullable JournalPosition certain;
    /**
     * How many batches with records were completely acknowledged: so far, at the last commit, and certainly
     * committed.
     */
    private long taken;

    private long takenAtLastCommit;
    private long takenForCertain;
    /** The records of all batches so far: handed over, completely acknowledged, at the last commit, and certainly committed. */
    private long handedOver;

    /** The memory of all batches that are not completely acknowledged. */
    private long bytes;

    private long acknowledgedRecords;
    private long acknowledgedRecordsAtLastCommit;
    private long certainRecords;
    /** The last heartbeat before which everything was acknowledged; null if it was taken. */
    private JournalPage.@Nullable Beat beat;

    /** When Connect last made progress, or had nothing outstanding. */
    private long progressAt;

    private long reportedAt;

    public AckTracker(LongSupplier nanoTime) {
        this(nanoTime, Runtime.getRuntime().maxMemory());
    }

    /** @param heapBytes the size of the heap */
    AckTracker(LongSupplier nanoTime, long heapBytes) {
        this.nanoTime = nanoTime;
        mostBytesOfTransactions = Math.max(MOST_BYTES, heapBytes / 8);
    }

    /** Records that the worker commits transactions between two polls, and whether after each of them. */
    public synchronized void transactional(boolean eachPoll) {
        transactional = true;
        eachPollIsATransaction = eachPoll;
    }

    /** Records that Connect polls again: everything it got before is dispatched. */
    public synchronized void polled() {
        if (committedSinceTheLatestPoll) {
            committedSinceTheLatestPoll = false;
            transactional = true;
            settle(dispatched);
        }
        dispatched = batches.size();
        if (transactional && eachPollIsATransaction) {
            settle(dispatched);
        }
    }

    /** @param records the number of records made from the batch; 0 if no watcher wants its changes any more */
    public synchronized void handedOver(PolledBatch batch, int records) {
        if (!isWaiting()) {
            progressAt = nanoTime.getAsLong();
        }
        batch.handedOver(records);
        handedOver += records;
        bytes += batch.bytes();
        batches.addLast(batch);
        advance();
    }

    public synchronized void acknowledged(JournalOffset offset) {
        offset.batch().acknowledged(offset);
        advance();
    }

    private void advance() {
        while (!batches.isEmpty() && batches.getFirst().done()) {
            PolledBatch batch = removeFirst();
            taken += batch.hasRecords() ? 1 : 0;
        }
        if (transactional) {
            // Records are reported when their transaction is committed.
            takenAtLastCommit = taken;
            takenForCertain = taken;
            certainRecords = acknowledgedRecords;
        }
        // A batch without records is as certain as the batch before it.
        if (taken == takenAtLastCommit) {
            acknowledgedAtLastCommit = acknowledged;
        }
        if (taken == takenForCertain) {
            certain = acknowledged;
        }
    }

    /** Records a commit on the task's thread. {@code eachPoll}: as for {@link #transactional}, if the commit shows that. */
    public synchronized void committedBetweenPolls(boolean eachPoll) {
        if (transactional) {
            settle(dispatched);
        } else {
            eachPollIsATransaction = eachPoll;
            committedSinceTheLatestPoll = true;
        }
    }

    /** Records a commit of an ordinary worker. */
    public synchronized void committed() {
        if (takenForCertain != takenAtLastCommit) {
            progressAt = nanoTime.getAsLong();
        }
        certain = acknowledgedAtLastCommit;
        takenForCertain = takenAtLastCommit;
        certainRecords = acknowledgedRecordsAtLastCommit;
        acknowledgedRecordsAtLastCommit = acknowledgedRecords;
        acknowledgedAtLastCommit = acknowledged;
        takenAtLastCommit = taken;
        advance();
    }

    private PolledBatch removeFirst() {
        PolledBatch batch = batches.removeFirst();
        acknowledged = batch.end();
        beat = batch.beat() == null ? beat : batch.beat();
        acknowledgedRecords += batch.records();
        bytes -= batch.bytes();
        dispatched = Math.max(0, dispatched - 1);
        return batch;
    }

    /** Takes so many batches as committed, and what has been reported of the others. */
    private void settle(int count) {
        for (int i = 0; i < count; i++) {
            removeFirst();
        }
        advance();
        progressAt = nanoTime.getAsLong();
    }

    /** The position that is certainly committed, or null if none is known yet. */
    public synchronized @Nullable JournalPosition certain() {
        return certain;
    }

    private boolean isWaiting() {
        return !batches.isEmpty() || taken != takenForCertain;
    }

    /** The last heartbeat before which Kafka has acknowledged everything, unless it was taken before. */
    public synchronized JournalPage.@Nullable Beat takeBeat() {
        JournalPage.@Nullable Beat last = beat;
        beat = null;
        return last;
    }

    /** How many records were handed over that are not certainly committed. */
    public synchronized long uncommittedRecords() {
        return handedOver - certainRecords;
    }

    /**
     * Whether so many records wait for Kafka that a backfill should not add to them. Connect and the producer keep each of
     * them in memory, and later changes are sent after them.
     */
    public synchronized boolean isFull() {
        return bytes >= (transactional && !eachPollIsATransaction ? mostBytesOfTransactions : MOST_BYTES);
    }

    /** When Connect last made progress, or had nothing outstanding. */
    public synchronized long progressAt() {
        return progressAt;
    }

    /** A warning if Connect has made no progress for long although it could; not repeated more often than that. */
    public synchronized Optional<String> stalled() {
        long now = nanoTime.getAsLong();
        long since = now - progressAt;
        if (!isWaiting() || since < STALLED_NS || reportedAt != 0 && now - reportedAt < STALLED_NS) {
            return Optional.empty();
        }
        reportedAt = now;
        int records = batches.stream().mapToInt(PolledBatch::outstanding).sum();
        return Optional.of(
                batches.isEmpty()
                        ? "Connect has committed no offsets for " + TimeUnit.NANOSECONDS.toMinutes(since)
                                + " minutes, although Kafka has acknowledged all records"
                        : "Connect has not confirmed " + records + " records of " + batches.size()
                                + " polls. Its committed offset has not moved for "
                                + TimeUnit.NANOSECONDS.toMinutes(since) + " minutes");
    }
}
