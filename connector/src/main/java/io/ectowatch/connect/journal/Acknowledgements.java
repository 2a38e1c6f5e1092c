package io.ectowatch.connect.journal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Learns how far Connect has committed. Thread-safe.
 *
 * <p>An ordinary worker reports that it has committed, and not what: an offset commit takes the records that Kafka had
 * acknowledged when it began. So what had been acknowledged at one commit is committed for certain at the next.
 *
 * <p>A worker with exactly-once commits a transaction between two polls, and everything handed over until then is in it.
 * It reports nothing about a poll whose records have all been dropped by transformations, since it has no transaction to
 * commit then. Where each poll is a transaction of its own, the next poll proves that it is through with that one.
 */
final class Acknowledgements {

    /** How long Connect may leave something open before the log says so; it commits each minute by default. */
    static final long STALLED_NS = TimeUnit.MINUTES.toNanos(10);

    private final LongSupplier nanoTime;
    /** What has been handed over and is not taken whole yet. */
    private final Deque<Batch> batches = new ArrayDeque<>();

    private boolean transactional;
    private boolean eachPollIsATransaction;

    private JournalPosition acknowledged;
    private JournalPosition acknowledgedAtLastCommit;
    private JournalPosition certain;
    /** How many batches with records have been taken whole: so far, at the last commit, and for certain. */
    private long taken;

    private long takenAtLastCommit;
    private long takenForCertain;
    /** When Connect last got further, or had nothing to get further with. */
    private long progressAt;

    private long reportedAt;

    Acknowledgements(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Says that the worker commits transactions between two polls, and whether after each of them. */
    synchronized void transactional(boolean eachPoll) {
        transactional = true;
        eachPollIsATransaction = eachPoll;
    }

    /** Says that Connect asks for more: what it has got before is dispatched. */
    synchronized void polled() {
        if (transactional && eachPollIsATransaction) {
            settleAll();
        }
    }

    /** {@code records}: how many the batch has become; maybe none, as when no watcher wants its changes any more. */
    synchronized void handedOver(Batch batch, int records) {
        if (!isWaiting()) {
            progressAt = nanoTime.getAsLong();
        }
        batch.handedOver(records);
        batches.addLast(batch);
        advance();
    }

    synchronized void acknowledged(JournalOffset offset) {
        offset.batch().acknowledged(offset);
        advance();
    }

    private void advance() {
        while (!batches.isEmpty() && batches.getFirst().done()) {
            Batch batch = batches.removeFirst();
            acknowledged = batch.end();
            taken += batch.hasRecords() ? 1 : 0;
        }
        // What has no records is as certain as what came before it.
        if (taken == takenAtLastCommit) {
            acknowledgedAtLastCommit = acknowledged;
        }
        if (taken == takenForCertain) {
            certain = acknowledged;
        }
    }

    /** Notes a commit. */
    synchronized void committed() {
        if (transactional) {
            settleAll();
            return;
        }
        if (takenForCertain != takenAtLastCommit) {
            progressAt = nanoTime.getAsLong();
        }
        certain = acknowledgedAtLastCommit;
        takenForCertain = takenAtLastCommit;
        acknowledgedAtLastCommit = acknowledged;
        takenAtLastCommit = taken;
        advance();
    }

    private void settleAll() {
        if (!batches.isEmpty()) {
            acknowledged = batches.getLast().end();
            batches.clear();
        }
        takenAtLastCommit = taken;
        takenForCertain = taken;
        advance();
        progressAt = nanoTime.getAsLong();
    }

    /** What is committed for certain, or null when that is not known yet. */
    synchronized JournalPosition certain() {
        return certain;
    }

    private boolean isWaiting() {
        return !batches.isEmpty() || taken != takenForCertain;
    }

    /** What is wrong if Connect has not got further for long although it could; not more often than that. */
    synchronized Optional<String> stalled() {
        long now = nanoTime.getAsLong();
        long since = now - progressAt;
        if (!isWaiting() || since < STALLED_NS || reportedAt != 0 && now - reportedAt < STALLED_NS) {
            return Optional.empty();
        }
        reportedAt = now;
        int records = batches.stream().mapToInt(Batch::outstanding).sum();
        return Optional.of(
                batches.isEmpty()
                        ? "Connect has not committed offsets for " + TimeUnit.NANOSECONDS.toMinutes(since)
                                + " minutes, although Kafka has taken all records"
                        : "Connect has not confirmed " + records + " records of " + batches.size()
                                + " polls, and has not committed further for "
                                + TimeUnit.NANOSECONDS.toMinutes(since) + " minutes");
    }
}
