package io.ectowatch.connect.journal;

import io.ectowatch.connect.journal.offset.AckTracker;
import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.offset.PolledBatch;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.metrics.JournalMetrics;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far Connect has committed, for the reader's thread, which empties the journal, and for the metrics. Thread-safe. */
final class CommitProgress {

    private static final Logger log = LoggerFactory.getLogger(CommitProgress.class);

    private final AckTracker acks = new AckTracker(System::nanoTime);
    private final AtomicReference<JournalPosition> committed;
    private final JournalMetrics metrics;

    /**
     * @param committed receives how far Connect has committed
     * @param queue gets no chunk of a backfill while too many records wait for Kafka
     */
    CommitProgress(AtomicReference<JournalPosition> committed, JournalMetrics metrics, PageQueue queue) {
        queue.holdChunksWhile(acks::isFull);
        this.committed = committed;
        this.metrics = metrics;
    }

    /** See {@link AckTracker#polled}. Also logs if Connect does not commit. */
    void polled() {
        acks.polled();
        update();
        acks.stalled()
                .ifPresent(stall -> log.warn(
                        "{}. Until then the journal cannot be emptied, and when it reaches journal.max.bytes it"
                                + " records no further changes. Check that the worker can write to Kafka and commits"
                                + " offsets.",
                        stall));
    }

    /** See {@link AckTracker#takeBeat}. */
    JournalPage.@Nullable Beat takeBeat() {
        return acks.takeBeat();
    }

    void handedOver(PolledBatch batch, int records) {
        if (batch.end() != null) {
            acks.handedOver(batch, records);
            update();
        }
    }

    void acknowledged(@Nullable Map<String, ?> offset) {
        if (offset instanceof JournalOffset ours) {
            acks.acknowledged(ours);
        }
    }

    void transactional(boolean eachPoll) {
        acks.transactional(eachPoll);
    }

    void committed() {
        acks.committed();
        update();
    }

    void committedBetweenPolls(boolean eachPoll) {
        acks.committedBetweenPolls(eachPoll);
        update();
    }

    private void update() {
        committed.set(acks.certain());
        metrics.uncommitted(acks.uncommittedRecords(), acks.progressAt());
    }
}
