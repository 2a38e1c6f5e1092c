package io.ectowatch.connect;

import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.Version;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Collapser;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.Heartbeat;
import io.ectowatch.connect.record.HeartbeatRecords;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.record.RecordStyle;
import io.ectowatch.connect.wiring.Components;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;

/**
 * Takes changes from their source and returns them as records. Everything that may take long happens in other
 * threads.
 */
public final class EctoWatchSourceTask extends SourceTask {

    /**
     * How long one {@code poll()} may wait. The worker calls {@code stop()} on the task's own thread after poll has
     * returned (KAFKA-10792), and abandons the task after five seconds.
     */
    private static final long WAIT_MS = 500;

    /**
     * How long {@code start()} waits for the triggers. When it returns, Connect shows the task as RUNNING: from then
     * on each change is captured, unless a lock or the network has delayed the triggers for longer than this. Connect
     * does not call {@code stop()} before start has returned, so the wait must be limited.
     */
    private static final long START_MS = 10_000;

    private RecordAssembler assembler;
    /** Null if each change has a record. */
    private @Nullable Collapser collapser;

    private @Nullable HeartbeatRecords heartbeats;
    private ConnectorConfig config;
    private ChangeSource source;
    private TaskMetrics metrics;
    private volatile @Nullable Thread poller;
    private boolean eachPollIsATransaction;
    /** Null unless the connector defines where Kafka transactions end. */
    private @Nullable KafkaTransactions transactions;

    /** Called by the worker, by reflection. */
    public EctoWatchSourceTask() {}

    @Override
    public String version() {
        return Version.current();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new ConnectorConfig(props);
        RecordStyle style = Components.recordStyle(config);
        metrics = new TaskMetrics();
        source = Components.source(config, metrics, context);
        heartbeats = config.topicFormat()
                .heartbeatTopic()
                .map(topic -> new HeartbeatRecords(topic, style))
                .orElse(null);
        PerTable<RecordFactory> factories =
                new PerTable<>(table -> new RecordFactory(table, style), source::tablesInUse);
        collapser =
                config.watchers().stream().allMatch(watcher -> watcher.options().collapse() == Collapse.NONE)
                        ? null
                        : new Collapser(factories, metrics::collapsedChanges);
        assembler = new RecordAssembler(factories, metrics, RecordAssembler.maxBytes(props), source::resyncPublished);
        metrics.register(context, config.name(), config.delivery().mode() == DeliveryMode.DURABLE, source::queuedBytes);
        String boundary = props.get(SourceTask.TRANSACTION_BOUNDARY_CONFIG);
        eachPollIsATransaction =
                boundary == null || TransactionBoundary.fromProperty(boundary) == TransactionBoundary.POLL;
        TransactionContext ends = context.transactionContext();
        if (ends != null) {
            source.keepTransactionsWhole();
            transactions = new KafkaTransactions(
                    config.name(), ends, metrics, KafkaTransactions.timeoutMs(props), System::nanoTime);
        }
        source.start();
        source.awaitWatching(START_MS);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        poller = Thread.currentThread();
        metrics.retryRegistration();
        List<Delivery> deliveries = source.poll(config.delivery().batchMaxRecords(), WAIT_MS);
        int end = transactions == null ? -1 : transactions.endAmong(deliveries, source.transactionsEnd());
        List<SourceRecord> records = new ArrayList<>(deliveries.size() + 1);
        Heartbeat heartbeat = source.heartbeat();
        if (heartbeat != null && heartbeats != null) {
            records.add(heartbeats.of(heartbeat));
            Heartbeat.Resolved resolved = heartbeat.resolved();
            metrics.published().heartbeat(heartbeat.at(), resolved == null ? 0 : resolved.at());
        }
        int before = records.size();
        append(deliveries.subList(0, Math.max(0, end)), records);
        int endsAfter = records.size();
        append(deliveries.subList(Math.max(0, end), deliveries.size()), records);
        if (transactions != null && end >= 0) {
            transactions.end(records, endsAfter);
        }
        source.handedOver(records.size());
        if (records.size() > before) {
            metrics.published()
                    .batch(
                            records.size() - before,
                            deliveries.get(deliveries.size() - 1).change().at());
        }
        return records.isEmpty() ? null : records;
    }

    /** Appends the records of changes that become visible to consumers at once: a later one can stand for an earlier one. */
    private void append(List<Delivery> deliveries, List<SourceRecord> records) {
        List<Delivery> published = collapser == null ? deliveries : collapser.collapse(deliveries, source.behind());
        for (Delivery delivery : published) {
            assembler.append(delivery, records);
        }
    }

    /**
     * Called for every record that Kafka has acknowledged; and without metadata, for every record that a
     * transformation has dropped or, with {@code errors.tolerance=all}, that could not be converted or sent. An
     * ordinary worker calls it on the producer's thread after the acknowledgement, a worker with exactly-once on the
     * task's thread after the commit.
     */
    @Override
    public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
        if (metadata != null && Thread.currentThread() == poller) {
            source.transactional(eachPollIsATransaction);
        }
        @SuppressWarnings("unchecked")
        Map<String, ?> offset = (Map<String, ?>) record.sourceOffset();
        source.acknowledged(offset);
    }

    /** An ordinary worker calls this on a thread that all its tasks share, and once on the task's, after the last poll. */
    @Override
    public void commit() {
        if (Thread.currentThread() == poller) {
            source.committedBetweenPolls(eachPollIsATransaction);
        } else {
            source.committed();
        }
    }

    @Override
    public void stop() {
        if (source != null) {
            source.close();
        }
        if (metrics != null) {
            metrics.close();
        }
    }
}
