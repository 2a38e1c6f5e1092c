package io.ectowatch.benchmarks.control;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Returns a record for each notification. Waits for them as in the driver's documentation. */
public final class RowTriggerTask extends DatabaseTask {

    private static final int WAIT_MILLIS = 500;
    private static final String ID = "\"id\": ";

    private PGConnection listening;
    private ControlRecords records;

    @Override
    void begin(Connection opened, Map<String, String> settings, ControlRecords made) throws SQLException {
        records = made;
        listening = opened.unwrap(PGConnection.class);
        try (Statement statement = opened.createStatement()) {
            statement.execute("LISTEN " + settings.get("channel"));
        }
    }

    @Override
    List<SourceRecord> read() throws SQLException {
        PGNotification[] notifications = listening.getNotifications(WAIT_MILLIS);
        if (notifications == null || notifications.length == 0) {
            return null;
        }
        List<SourceRecord> batch = new ArrayList<>(notifications.length);
        for (PGNotification notification : notifications) {
            batch.add(records.inserted(id(notification.getParameter())));
        }
        return batch;
    }

    /** Finds the id in a payload without a JSON parser, to keep the cost of the control low. */
    private static long id(String payload) {
        int begin = payload.indexOf(ID) + ID.length();
        int end = begin;
        while (Character.isDigit(payload.charAt(end))) {
            end++;
        }
        return Long.parseLong(payload, begin, end, 10);
    }
}
