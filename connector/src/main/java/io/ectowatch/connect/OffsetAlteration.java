package io.ectowatch.connect;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.journal.OffsetRequest;
import io.ectowatch.connect.postgres.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/** Holds the offsets that an operator wants to set against what the journal can give. */
final class OffsetAlteration {

    private final ConnectorConfig config;

    OffsetAlteration(ConnectorConfig config) {
        this.config = config;
    }

    /**
     * Checks the offsets; null, which is to begin anew, is always possible.
     *
     * @param offsets by source partition
     * @throws ConnectException when one of them is not possible, with the reason
     */
    void check(Map<Map<String, ?>, Map<String, ?>> offsets) {
        offsets.forEach((partition, offset) -> {
            if (offset != null) {
                check(partition, offset);
            }
        });
    }

    private void check(Map<String, ?> partition, Map<String, ?> offset) {
        if (config.delivery().mode() == DeliveryMode.NOTIFY) {
            throw new ConnectException("delivery.mode: notify has nothing to go on from, and so no offsets.");
        }
        Map<String, ?> ours = JournalSource.partition(config.name());
        if (!same(ours, partition)) {
            throw new ConnectException(
                    "The source partition of this connector is " + ours + ", and not " + partition + ".");
        }
        try (Connection connection = Wiring.connections(config).open()) {
            new OffsetRequest(connection, Wiring.preparation(config).names()).check(offset);
        } catch (SQLException e) {
            Failure meaning = Failure.of(e);
            throw new ConnectException(meaning.setting() + ": " + meaning.message(), e);
        }
    }

    /** JSON makes other kinds of numbers. */
    private static boolean same(Map<String, ?> ours, Map<String, ?> theirs) {
        return ours.keySet().equals(theirs.keySet())
                && ours.entrySet().stream()
                        .allMatch(entry ->
                                entry.getValue().toString().equals(String.valueOf(theirs.get(entry.getKey()))));
    }
}
