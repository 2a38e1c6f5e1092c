package io.ectowatch.connect.journal;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Learns how far Connect has committed. Connect tells that it has committed, and not what: an offset commit takes the
 * records that Kafka had acknowledged when it began. So what had been acknowledged at one commit is committed for certain
 * at the next. Thread-safe.
 */
final class Acknowledgements {

    private final Deque<Batch> batches = new ArrayDeque<>();
    private JournalPosition acknowledged;
    private JournalPosition acknowledgedAtLastCommit;

    synchronized void handedOver(Batch batch, int records) {
        batch.handedOver(records);
        batches.addLast(batch);
        advance();
    }

    synchronized void acknowledged(Batch batch) {
        batch.acknowledged();
        advance();
    }

    private void advance() {
        while (!batches.isEmpty() && batches.getFirst().done()) {
            acknowledged = batches.removeFirst().end();
        }
    }

    /** Notes a commit; returns what is committed for certain, or null when that is not known yet. */
    synchronized JournalPosition committed() {
        JournalPosition certain = acknowledgedAtLastCommit;
        acknowledgedAtLastCommit = acknowledged;
        return certain;
    }
}
