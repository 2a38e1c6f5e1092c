package io.ectowatch.connect;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.notify.NotifySource;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Takes changes from their source and hands them on as records. All that may take long happens in other threads. */
public final class EctoWatchSourceTask extends SourceTask {

    /**
     * How long one {@code poll()} may wait. The worker calls {@code stop()} on the task's own thread once poll has
     * returned (KAFKA-10792), and gives up on the task after five seconds.
     */
    private static final long WAIT_MS = 500;

    private final Map<WatchedTable, RecordFactory> recordFactories = new IdentityHashMap<>();
    private ConnectorConfig config;
    private NotifySource source;

    /** Called by the worker, by reflection. */
    public EctoWatchSourceTask() {}

    @Override
    public String version() {
        return Version.current();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new ConnectorConfig(props);
        TaskMetrics metrics = new TaskMetrics();
        source = new NotifySource(
                Wiring.connections(config),
                Wiring.preparation(config),
                metrics,
                config.delivery().notifyQueueMaxBytes(),
                config.connection().timeoutMs());
        metrics.register(context, source::queuedBytes);
        source.start();
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        List<Change> changes = source.poll(config.delivery().batchMaxRecords(), WAIT_MS);
        if (changes.isEmpty()) {
            return null;
        }
        List<SourceRecord> records = new ArrayList<>(changes.size());
        for (Change change : changes) {
            recordFactories
                    .computeIfAbsent(
                            change.table(),
                            table -> new RecordFactory(
                                    table, config.topicFormat().prefix()))
                    // No partition and no offset: what NOTIFY has delivered cannot be asked for again.
                    .append(change, null, null, records);
        }
        return records;
    }

    @Override
    public void stop() {
        if (source != null) {
            source.close();
        }
    }
}
