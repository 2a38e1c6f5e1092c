package io.ectowatch.connect.notify;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.metrics.ResyncCause;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.Heartbeat;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of {@code notify} delivery: what triggers send while the task listens, and a resync of every table that
 * may have lost changes. Not thread-safe.
 */
public final class NotifySource implements ChangeSource {

    private static final Logger log = LoggerFactory.getLogger(NotifySource.class);

    private final PayloadQueue queue;
    private final NotifyLayouts layouts = new NotifyLayouts();
    private final RepeatedLog repeated = new RepeatedLog();
    private final PayloadReader reader = new PayloadReader(layouts, repeated);
    private final String connector;
    private final Listener listener;
    private final TaskMetrics metrics;
    private List<Change> rest = new ArrayList<>();
    private final long heartbeatNs;
    private long nextHeartbeat = System.nanoTime();
    private @Nullable Heartbeat heartbeat;

    /**
     * @param queueBytes the memory for notifications that wait to be polled, in bytes
     * @param answerTimeoutMs how long a notification to itself may take at the start, in milliseconds
     * @param heartbeatMs the time between two heartbeats in milliseconds, or 0
     */
    public NotifySource(
            Connections connections,
            Provisioner provisioner,
            TaskMetrics metrics,
            long queueBytes,
            int answerTimeoutMs,
            long heartbeatMs) {
        this.queue = new PayloadQueue(queueBytes);
        this.metrics = metrics;
        this.heartbeatNs = TimeUnit.MILLISECONDS.toNanos(heartbeatMs);
        this.connector = provisioner.names().connector();
        this.listener = new Listener(connections, provisioner, queue, layouts, metrics, answerTimeoutMs);
    }

    @Override
    public void start() {
        listener.start();
    }

    @Override
    public void awaitWatching(long atMostMs) {
        listener.awaitWatching(atMostMs);
    }

    @Override
    public List<Delivery> poll(int atMost, long waitMs) throws InterruptedException {
        repeated.logCounted();
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
        // Changes that were received before the failure are returned first.
        ConnectException failure = listener.failure();
        if (changes.isEmpty() && failure != null) {
            throw failure;
        }
        List<Delivery> deliveries = new ArrayList<>(changes.size());
        beat();
        // No partition and no offset: notifications cannot be read again.
        changes.forEach(change -> deliveries.add(new Delivery(change, null, null)));
        return deliveries;
    }

    /** A heartbeat says only that the task receives changes: it does not know which transactions are open. */
    private void beat() {
        long now = System.nanoTime();
        heartbeat = null;
        if (heartbeatNs > 0 && listener.settled() && now - nextHeartbeat >= 0) {
            nextHeartbeat = now + heartbeatNs;
            heartbeat = new Heartbeat(System.currentTimeMillis(), null, null, null);
        }
    }

    @Override
    public @Nullable Heartbeat heartbeat() {
        return heartbeat;
    }

    @Override
    public boolean behind() {
        return !rest.isEmpty() || queue.bytes() > 0;
    }

    private void take(PayloadQueue.Entry entry, List<Change> changes) {
        int before = changes.size();
        if (entry instanceof PayloadQueue.Gap gap) {
            repeated.log(
                    gap.reason(),
                    more -> log.warn(
                            "Connector {}: Changes may have been lost: {}. Resync records are published for all"
                                    + " watchers.{}",
                            connector,
                            gap.reason(),
                            more));
            metrics.gap(ResyncCause.NOT_LISTENING);
            for (WatchedTable table : layouts.tables()) {
                changes.add(PayloadReader.resync(table));
            }
        } else if (entry instanceof PayloadQueue.TableGap gap) {
            TableName name = gap.table().shape().name();
            repeated.log(
                    "table " + name,
                    more -> log.warn(
                            "Connector {}: Changes of {} may have been lost. Resync records are published for its"
                                    + " watchers.{}",
                            connector,
                            name,
                            more));
            metrics.gap(ResyncCause.TABLE);
            changes.add(PayloadReader.resync(gap.table()));
        } else if (entry instanceof PayloadQueue.Payload payload) {
            switch (reader.read(payload.text(), changes)) {
                case READ -> metrics.changes(changes.size() - before);
                case GAP -> {
                    metrics.gap(ResyncCause.TABLE);
                    listener.recheck();
                }
                case IGNORED -> log.debug("Ignored a notification.");
            }
        }
    }

    @Override
    public void handedOver(int records) {
        // Nothing is stored, so there is nothing to remove.
    }

    @Override
    public void acknowledged(@Nullable Map<String, ?> offset) {
        // As above.
    }

    @Override
    public void transactional(boolean eachPoll) {
        // As above.
    }

    @Override
    public void committed() {
        // As above.
    }

    @Override
    public void committedBetweenPolls(boolean eachPoll) {
        // As above.
    }

    @Override
    public boolean settled() {
        return listener.settled();
    }

    /** Without a journal there are no backfills, which would have to follow. */
    @Override
    public void resyncPublished(WatchedTable table) {}

    @Override
    public Collection<WatchedTable> tablesInUse() {
        return layouts.inUse();
    }

    @Override
    public long queuedBytes() {
        return queue.bytes();
    }

    @Override
    public void close() {
        listener.stop();
    }
}
