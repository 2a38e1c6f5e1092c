package io.ectowatch.benchmarks.control;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** The {@code timestamp+incrementing} mode of JDBC source connectors. */
public final class JdbcPollTask extends DatabaseTask {

    private static final int INTERVAL_MILLIS = 100;

    private PreparedStatement select;
    private ControlRecords records;
    private Timestamp lastAt = new Timestamp(0);
    private long lastId;

    @Override
    void begin(Connection opened, Map<String, String> settings, ControlRecords made) throws SQLException {
        records = made;
        select = opened.prepareStatement("""
                SELECT id, updated_at FROM %s
                WHERE updated_at < now() AND (updated_at, id) > (?, ?)
                ORDER BY updated_at, id
                """.formatted(settings.get("table")));
    }

    @Override
    List<SourceRecord> read() throws SQLException, InterruptedException {
        Thread.sleep(INTERVAL_MILLIS);
        select.setTimestamp(1, lastAt);
        select.setLong(2, lastId);
        List<SourceRecord> batch = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                lastId = rows.getLong(1);
                lastAt = rows.getTimestamp(2);
                batch.add(records.inserted(lastId));
            }
        }
        return batch.isEmpty() ? null : batch;
    }
}
