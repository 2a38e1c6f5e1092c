package io.ectowatch.connect;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.record.RecordSize;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes records that Kafka takes. Of a change whose records would be too large, it leaves the extra columns out; of one of
 * which no record can be made, its table gets a resync. Either would else fail the task, and again after each restart.
 */
final class RecordMaker {

    static final String MAX_REQUEST_SIZE = "producer.override.max.request.size";

    private static final Logger log = LoggerFactory.getLogger(RecordMaker.class);

    /** The default of the producer, and nearly that of the broker. */
    private static final long DEFAULT_MAX_BYTES = 1 << 20;

    private final PerTable<RecordFactory> factories;
    private final TaskMetrics metrics;
    private final long maxBytes;
    private final Set<TableName> reported = new HashSet<>();

    RecordMaker(PerTable<RecordFactory> factories, TaskMetrics metrics, long maxBytes) {
        this.factories = factories;
        this.metrics = metrics;
        this.maxBytes = maxBytes;
    }

    /** How large a record may be, as far as the connector's properties say: the worker's own are not among them. */
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
        int before = records.size();
        String problem;
        try {
            add(change, delivery, records);
            if (RecordSize.roughly(change) <= maxBytes || fit(records, before)) {
                return;
            }
            truncate(records, before);
            Change shortened = change.shortened();
            if (shortened != null) {
                add(shortened, delivery, records);
                if (fit(records, before)) {
                    return;
                }
            }
            problem = "its key alone makes a record larger than the " + maxBytes + " bytes that the producer takes ("
                    + MAX_REQUEST_SIZE + ")";
        } catch (RuntimeException e) {
            if (change.event() == Event.RESYNC) {
                throw e;
            }
            problem = e.toString();
        }
        truncate(records, before);
        report(change.table(), problem);
        add(change.resync(), delivery, records);
    }

    private void add(Change change, Delivery delivery, List<SourceRecord> records) {
        factories.of(change.table()).append(change, delivery.partition(), delivery.offset(), records);
    }

    private boolean fit(List<SourceRecord> records, int from) {
        return records.subList(from, records.size()).stream().allMatch(record -> RecordSize.of(record) <= maxBytes);
    }

    private static void truncate(List<SourceRecord> records, int size) {
        records.subList(size, records.size()).clear();
    }

    private void report(WatchedTable table, String problem) {
        metrics.unreadableChange();
        metrics.gap();
        if (reported.add(table.shape().name())) {
            log.error(
                    "A change of {} cannot be published. A resync record takes its place, and that of any further one (see"
                            + " the metric unreadable-changes-total). Reason: {}",
                    table.shape().name(),
                    problem);
        }
    }
}
