package io.ectowatch.connect;

import io.ectowatch.connect.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * What a worker with exactly-once does with a task that defines its transactions: it sends the records of a poll one by one,
 * and commits after those that the task has named, or after the poll. Then consumers see them, and the offset of the last one
 * is stored. It may be killed at any time.
 */
final class TransactionalWorker implements AutoCloseable {

    /** The commits that a task has requested. */
    private static final class Requests implements TransactionContext {

        private final Set<SourceRecord> records = new HashSet<>();
        private boolean afterPoll;

        @Override
        public void commitTransaction() {
            afterPoll = true;
        }

        @Override
        public void commitTransaction(SourceRecord record) {
            records.add(record);
        }

        @Override
        public void abortTransaction() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void abortTransaction(SourceRecord record) {
            throw new UnsupportedOperationException();
        }
    }

    private final Map<String, String> props = new HashMap<>();
    private final List<List<SourceRecord>> transactions = new ArrayList<>();
    private List<SourceRecord> open = new ArrayList<>();
    private Map<String, Object> offset;
    private Requests requests;
    /** How many transactions ended before the last record of their poll. */
    private int endsWithinPolls;

    private EctoWatchSourceTask task;

    /** @param boundary of the transactions: {@code connector}, or {@code poll} */
    TransactionalWorker(TestDatabase database, String boundary, Map<String, String> settings) {
        props.put("name", "shop");
        props.put("connection.url", database.url());
        props.put("connection.user", database.user());
        props.put("transaction.boundary", boundary);
        props.putAll(settings);
    }

    void start() {
        Map<String, Object> committed = offset;
        Requests asked = new Requests();
        requests = asked;
        boolean connector = props.get("transaction.boundary").equals("connector");
        task = new EctoWatchSourceTask();
        task.initialize(new SourceTaskContext() {
            @Override
            public Map<String, String> configs() {
                return props;
            }

            @Override
            public OffsetStorageReader offsetStorageReader() {
                return new OffsetStorageReader() {
                    @Override
                    @SuppressWarnings("unchecked")
                    public <T> Map<String, Object> offset(Map<String, T> partition) {
                        return committed;
                    }

                    @Override
                    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
                        throw new UnsupportedOperationException();
                    }
                };
            }

            @Override
            public TransactionContext transactionContext() {
                return connector ? asked : null;
            }

            @Override
            public PluginMetrics pluginMetrics() {
                throw new NoSuchMethodError("an older worker");
            }
        });
        task.start(props);
    }

    /** Polls once and sends the records. */
    void poll() throws InterruptedException {
        List<SourceRecord> records = task.poll();
        if (records != null) {
            for (SourceRecord record : records) {
                if (record.value() != null) {
                    record.headers().addString("changed.by", "a transformation");
                }
                open.add(record);
                if (requests.records.remove(record)) {
                    endsWithinPolls += record == records.get(records.size() - 1) ? 0 : 1;
                    commit();
                }
            }
        }
        if (requests.afterPoll || props.get("transaction.boundary").equals("poll")) {
            requests.afterPoll = false;
            commit();
        }
    }

    private void commit() {
        if (!open.isEmpty()) {
            offset = new HashMap<>();
            open.get(open.size() - 1).sourceOffset().forEach(offset::put);
            transactions.add(open);
            for (SourceRecord record : open) {
                task.commitRecord(record, new RecordMetadata(new TopicPartition(record.topic(), 0), 0, 0, 0, 0, 0));
            }
            open = new ArrayList<>();
        }
        task.commit();
    }

    /** The committed transactions. */
    List<List<SourceRecord>> transactions() {
        return transactions;
    }

    /** How many transactions have ended before the last record of their poll. */
    int endsWithinPolls() {
        return endsWithinPolls;
    }

    int openRecords() {
        return open.size();
    }

    /** The task is gone, and with it what was not committed. */
    void kill() {
        task.stop();
        open = new ArrayList<>();
    }

    @Override
    public void close() {
        if (task != null) {
            task.stop();
        }
    }
}
