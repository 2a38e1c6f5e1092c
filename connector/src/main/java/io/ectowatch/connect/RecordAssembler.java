package io.ectowatch.connect;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.metrics.ResyncCause;
import io.ectowatch.connect.metrics.TableMetrics;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.record.RecordSize;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes records that Kafka accepts. If a change's records would be too large, it omits the extra columns; if no
 * record can be made, the table gets a resync. Otherwise the change would fail the task, and again after each
 * restart.
 */
final class RecordAssembler {

    static final String MAX_REQUEST_SIZE = "producer.override.max.request.size";

    private static final Logger log = LoggerFactory.getLogger(RecordAssembler.class);

    /** The default of the producer, and nearly that of the broker. */
    private static final long DEFAULT_MAX_BYTES = 1 << 20;

    private final PerTable<RecordFactory> factories;
    private final TaskMetrics metrics;
    private final long maxBytes;
    private final Consumer<WatchedTable> onResync;
    private final Set<TableName> reported = new HashSet<>();
    private final Map<TableName, TableMetrics.Counter> counters = new HashMap<>();
    /** The table of the last change, and its counter. */
    private @Nullable WatchedTable counted;

    private TableMetrics.@Nullable Counter counter;

    /** @param onResync called for each resync that takes the place of a change */
    RecordAssembler(
            PerTable<RecordFactory> factories, TaskMetrics metrics, long maxBytes, Consumer<WatchedTable> onResync) {
        this.onResync = onResync;
        this.factories = factories;
        this.metrics = metrics;
        this.maxBytes = maxBytes;
    }

    /** The maximum size of a record according to the connector's properties, which do not include the worker's. */
    static long maxBytes(Map<String, String> props) {
        try {
            return Long.parseLong(props.getOrDefault(MAX_REQUEST_SIZE, "").strip());
        } catch (NumberFormatException e) {
            return DEFAULT_MAX_BYTES;
        }
    }

    /** Appends the records of a change. */
    void append(Delivery delivery, List<SourceRecord> records) {
        Change change = delivery.change();
        metrics.published().change(delivery.event().text());
        counter(change.table()).change(change.event() == Event.RESYNC);
        if (change.contextLeftOut()) {
            metrics.contextLeftOut();
        }
        int before = records.size();
        String problem;
        try {
            add(delivery, records);
            if (delivery.versions() == null && RecordSize.roughly(change) <= maxBytes || fit(records, before)) {
                return;
            }
            truncate(records, before);
            Delivery shortened = delivery.shortened();
            if (shortened != null) {
                add(shortened, records);
                if (fit(records, before)) {
                    return;
                }
            }
            problem = "its key alone makes a record larger than the producer's limit of " + maxBytes + " bytes ("
                    + MAX_REQUEST_SIZE + ")";
        } catch (RuntimeException e) {
            if (change.event() == Event.RESYNC) {
                throw e;
            }
            problem = e.toString();
        }
        truncate(records, before);
        report(change.table(), problem);
        if (change.event() != Event.READ) { // another backfill would read the same row
            onResync.accept(change.table());
        }
        add(delivery.resync(), records);
    }

    private TableMetrics.Counter counter(WatchedTable table) {
        TableMetrics.Counter last = counter;
        if (last != null && counted == table) {
            return last;
        }
        TableMetrics.Counter found = counters.computeIfAbsent(
                table.shape().name(), name -> metrics.tables().counter(name.toString()));
        counted = table;
        counter = found;
        return found;
    }

    private void add(Delivery delivery, List<SourceRecord> records) {
        factories.of(delivery.change().table()).append(delivery, records);
    }

    private boolean fit(List<SourceRecord> records, int from) {
        return records.subList(from, records.size()).stream().allMatch(record -> RecordSize.of(record) <= maxBytes);
    }

    private static void truncate(List<SourceRecord> records, int size) {
        records.subList(size, records.size()).clear();
    }

    private void report(WatchedTable table, String problem) {
        metrics.unreadableChange();
        metrics.gap(ResyncCause.UNPUBLISHABLE);
        if (reported.add(table.shape().name())) {
            log.error(
                    "A change of {} cannot be published. A resync record is published instead, also for any further"
                            + " ones (see the metric unreadable-changes-total). Reason: {}",
                    table.shape().name(),
                    problem);
        }
    }
}
