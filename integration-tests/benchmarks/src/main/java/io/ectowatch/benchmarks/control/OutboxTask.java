package io.ectowatch.benchmarks.control;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads the oldest rows of an outbox table, and deletes them when Kafka has acknowledged their records: at-least-once, and a
 * transaction that commits late is not missed. It sleeps only if it has read everything.
 */
public final class OutboxTask extends DatabaseTask {

    private static final int INTERVAL_MILLIS = 100;
    private static final int ACKNOWLEDGEMENT_MILLIS = 1;
    private static final int MOST_ROWS = 2_000;

    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final List<Long> published = new ArrayList<>();
    private Connection connection;
    private PreparedStatement select;
    private PreparedStatement delete;
    private ControlRecords records;
    private boolean readAll;

    @Override
    void begin(Connection opened, Map<String, String> settings, ControlRecords made) throws SQLException {
        records = made;
        connection = opened;
        String outbox = settings.get("outbox");
        select = opened.prepareStatement("SELECT seq, row_id FROM " + outbox + " ORDER BY seq LIMIT " + MOST_ROWS);
        delete = opened.prepareStatement("DELETE FROM " + outbox + " WHERE seq = ANY (?)");
    }

    @Override
    List<SourceRecord> read() throws SQLException, InterruptedException {
        if (unacknowledged.get() > 0) {
            Thread.sleep(ACKNOWLEDGEMENT_MILLIS);
            return null;
        }
        if (!published.isEmpty()) {
            delete.setArray(1, connection.createArrayOf("int8", published.toArray()));
            delete.executeUpdate();
            published.clear();
        }
        if (readAll) {
            Thread.sleep(INTERVAL_MILLIS);
        }
        List<SourceRecord> batch = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                published.add(rows.getLong(1));
                batch.add(records.inserted(rows.getLong(2)));
            }
        }
        readAll = batch.size() < MOST_ROWS;
        unacknowledged.set(batch.size());
        return batch.isEmpty() ? null : batch;
    }

    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        unacknowledged.decrementAndGet();
    }
}
