package io.ectowatch.connect;

import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.RecordSize;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.TransactionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides where Kafka transactions end, with {@code transaction.boundary=connector}: where no transaction of the database
 * is incomplete. Only if a Kafka transaction becomes too large or too old, it ends elsewhere. Not thread-safe.
 */
final class KafkaTransactions {

    static final String TIMEOUT_MS = "producer.override.transaction.timeout.ms";

    /** Until it is committed, the worker holds all records of a transaction in memory. */
    static final int MAX_RECORDS = 50_000;

    static final long MAX_BYTES = 64L << 20;

    private static final Logger log = LoggerFactory.getLogger(KafkaTransactions.class);

    /** The default of the producer. */
    private static final long DEFAULT_TIMEOUT_MS = 60_000;

    private final String connector;
    private final TransactionContext context;
    private final TaskMetrics metrics;
    private final LongSupplier nanoTime;
    private final long maxNanos;
    /** The changes since the last end, and their approximate memory. */
    private long open;

    private long openBytes;
    /** The transactions of the database to which they belong. */
    private final Set<Long> unfinished = new HashSet<>();
    /** When the first of them was polled. */
    private long openedAt;

    /** The same before the last poll. */
    private long openBefore;

    private long openBytesBefore;
    private long openedBefore;

    private boolean reported;

    /** @param timeoutMs after how long the broker ends a transaction, in milliseconds */
    KafkaTransactions(
            String connector, TransactionContext context, TaskMetrics metrics, long timeoutMs, LongSupplier nanoTime) {
        this.connector = connector;
        this.context = context;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        maxNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs / 2);
    }

    /** The timeout according to the connector's properties, which do not include the worker's. */
    static long timeoutMs(Map<String, String> props) {
        try {
            return Long.parseLong(props.getOrDefault(TIMEOUT_MS, "").strip());
        } catch (NumberFormatException e) {
            return DEFAULT_TIMEOUT_MS;
        }
    }

    /**
     * After how many of the changes of a poll the Kafka transaction ends; 0 if before the first, -1 if it does not end.
     *
     * @param complete see {@link io.ectowatch.connect.record.ChangeSource#transactionsEnd}
     */
    int endAmong(List<Delivery> deliveries, int complete) {
        openBefore = open;
        openBytesBefore = openBytes;
        openedBefore = openedAt;
        int end = complete > 0 || deliveries.isEmpty() ? complete : -1;
        List<Delivery> last = deliveries.subList(Math.max(0, end), deliveries.size());
        if (end >= 0) {
            begin();
        }
        if (open == 0) {
            openedAt = nanoTime.getAsLong();
        }
        open += last.size();
        last.forEach(delivery -> openBytes += RecordSize.memory(delivery.change()));
        if (open > 0 && isTooLarge()) {
            report();
            int place = SplitPlace.of(transactions(last), unfinished);
            end = Math.max(0, end) + place;
            begin();
            open = last.size() - place;
            last = last.subList(place, last.size());
        }
        for (long transaction : transactions(last)) {
            unfinished.add(transaction);
        }
        return end;
    }

    private static long[] transactions(List<Delivery> deliveries) {
        return deliveries.stream()
                .mapToLong(delivery -> delivery.change().transactionId())
                .toArray();
    }

    private void begin() {
        open = 0;
        openBytes = 0;
        openedAt = nanoTime.getAsLong();
        unfinished.clear();
    }

    private boolean isTooLarge() {
        return open >= MAX_RECORDS || openBytes >= MAX_BYTES || nanoTime.getAsLong() - openedAt >= maxNanos;
    }

    private void report() {
        metrics.splitTransaction();
        if (!reported) {
            reported = true;
            log.warn(
                    "Connector {}: a Kafka transaction with {} changes ends before its database transactions are complete:"
                            + " it has reached {} changes, {} MiB or {} ms. Consumers may see a part of a database transaction."
                            + " This is logged once, see the metric split-transactions-total.",
                    connector,
                    open,
                    MAX_RECORDS,
                    MAX_BYTES >> 20,
                    TimeUnit.NANOSECONDS.toMillis(maxNanos));
        }
    }

    /**
     * Lets the Kafka transaction end after so many of the records that the poll returns.
     *
     * @param count at least 0; if 0, and there are records, no place for the end is left
     */
    void end(List<SourceRecord> records, int count) {
        if (records.isEmpty()) {
            context.commitTransaction();
        } else if (count > 0) {
            SourceRecord last = new LastRecord(records.get(count - 1));
            records.set(count - 1, last);
            context.commitTransaction(last);
        } else if (openBefore > 0) {
            open += openBefore;
            openBytes += openBytesBefore;
            openedAt = openedBefore;
        }
    }

    /**
     * A record that is equal only to itself. Connect finds it in a set when the transformations are done, and some of them
     * change the record that they get: with the hash of its content it would not be found, and the transaction would not end.
     */
    private static final class LastRecord extends SourceRecord {

        LastRecord(SourceRecord record) {
            super(
                    record.sourcePartition(),
                    record.sourceOffset(),
                    record.topic(),
                    record.kafkaPartition(),
                    record.keySchema(),
                    record.key(),
                    record.valueSchema(),
                    record.value(),
                    record.timestamp(),
                    record.headers());
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
