package io.ectowatch.connect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Keeps a copy of the emails of the table users. */
final class UsersCopy {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Long, String> emails = new HashMap<>();
    private final Connection database;

    UsersCopy(Connection database) {
        this.database = database;
    }

    void accept(ConsumerRecord<String, String> record) throws IOException, SQLException {
        if (record.value() == null) {
            return; // a tombstone: the deletion came before it
        }
        JsonNode change = JSON.readTree(record.value());
        switch (change.get("event").asText()) {
            case "inserted", "updated", "deleted", "read" ->
                refresh(change.get("key").get("id").asLong());
            case "resync", "truncated" -> readAll();
            default -> {} // the end of a backfill, and events of later versions
        }
    }

    private void refresh(long id) throws SQLException {
        try (PreparedStatement query = database.prepareStatement("SELECT email FROM users WHERE id = ?")) {
            query.setLong(1, id);
            try (ResultSet row = query.executeQuery()) {
                if (row.next()) {
                    emails.put(id, row.getString(1));
                } else {
                    emails.remove(id);
                }
            }
        }
    }

    void readAll() throws SQLException {
        emails.clear();
        try (Statement query = database.createStatement();
                ResultSet row = query.executeQuery("SELECT id, email FROM users")) {
            while (row.next()) {
                emails.put(row.getLong(1), row.getString(2));
            }
        }
    }

    Map<Long, String> emails() {
        return emails;
    }
}
