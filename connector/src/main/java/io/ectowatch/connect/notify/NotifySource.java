package io.ectowatch.connect.notify;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.record.Change;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of {@code notify} delivery: what triggers announce while the task listens, and a resync of every table
 * where something may have been missed. To be used by one thread.
 */
public final class NotifySource implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NotifySource.class);

    private final PayloadQueue queue;
    private final Layouts layouts = new Layouts();
    private final PayloadReader reader = new PayloadReader(layouts);
    private final Listener listener;
    private final TaskMetrics metrics;
    private List<Change> rest = new ArrayList<>();

    /**
     * @param queueBytes the memory in which notifications may wait to be polled, in bytes
     * @param answerTimeoutMs how long a notification to itself may take at the start, in milliseconds
     */
    public NotifySource(
            Connections connections,
            Preparation preparation,
            TaskMetrics metrics,
            long queueBytes,
            int answerTimeoutMs) {
        this.queue = new PayloadQueue(queueBytes);
        this.metrics = metrics;
        this.listener = new Listener(connections, preparation, queue, layouts, metrics, answerTimeoutMs);
    }

    /** Begins to connect, in a thread of its own; returns at once. */
    public void start() {
        listener.start();
    }

    /**
     * The next changes, in the order of their commits.
     *
     * @param atMost how many to return; the rest of a payload that brings more waits for the next call
     * @param waitMs how long to wait for the first one, in milliseconds
     * @return the changes; empty when there are none
     * @throws ConnectException when only the operator can mend what is wrong
     */
    public List<Change> poll(int atMost, long waitMs) throws InterruptedException {
        List<Change> changes = rest;
        long wait = changes.isEmpty() ? waitMs : 0;
        while (changes.size() < atMost) {
            PayloadQueue.Entry entry = queue.poll(wait);
            if (entry == null) {
                break;
            }
            take(entry, changes);
            wait = 0;
        }
        rest = new ArrayList<>();
        if (changes.size() > atMost) {
            rest.addAll(changes.subList(atMost, changes.size()));
            changes.subList(atMost, changes.size()).clear();
        }
        // What was received before the failure is handed on first.
        if (changes.isEmpty() && listener.failure() != null) {
            throw listener.failure();
        }
        return changes;
    }

    private void take(PayloadQueue.Entry entry, List<Change> changes) {
        int before = changes.size();
        if (entry instanceof PayloadQueue.Gap gap) {
            log.warn("Changes may have been missed: {}. Resync records tell the consumers.", gap.reason());
            metrics.gap();
            for (WatchedTable table : layouts.tables()) {
                changes.add(PayloadReader.resync(table));
            }
        } else if (entry instanceof PayloadQueue.Payload payload) {
            switch (reader.read(payload.text(), changes)) {
                case READ -> metrics.changes(changes.size() - before);
                case GAP -> {
                    metrics.gap();
                    listener.recheck();
                }
                case IGNORED -> log.debug("Ignored a notification.");
            }
        }
    }

    /** Whether the task listens and every trigger is in place. */
    public boolean settled() {
        return listener.settled();
    }

    /** The memory that waiting notifications take, in bytes. */
    public long queuedBytes() {
        return queue.bytes();
    }

    /** Ends the connection; returns within seconds, also when the network is dead. */
    @Override
    public void close() {
        listener.stop();
    }
}
