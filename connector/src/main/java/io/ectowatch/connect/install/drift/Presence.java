package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.install.plan.AdvisoryLock;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows in the database that the connector is running, as long as a session lasts. Otherwise a connector that is
 * removed while it runs would install itself again at once.
 */
final class Presence {

    private static final Logger log = LoggerFactory.getLogger(Presence.class);

    private final ObjectNames names;
    private final AdvisoryLock lock;
    private @Nullable Connection present;
    private boolean warned;

    Presence(ObjectNames names) {
        this.names = names;
        this.lock = AdvisoryLock.presence(names);
    }

    /**
     * Takes the presence lock unless this session has it. A session whose role could not remove the connector does
     * not block it.
     *
     * @throws SQLException while the connector is being removed
     */
    void acquirePresenceLock(Connection connection) throws SQLException {
        if (present == connection) {
            return;
        }
        if (take(connection)) {
            present = connection;
            warned = false;
            return;
        }
        AdvisoryLock.Holders holders = lock.holders(connection);
        if (!holders.areStrangers()) {
            throw new SQLException(
                    "connector " + names.connector() + " is being removed from the database"
                            + (holders.counting().isEmpty() ? "" : " (" + holders.counting() + ")"),
                    SqlStates.OBJECT_IN_USE);
        }
        if (!warned) {
            warned = true;
            log.warn(
                    "Connector {}: a session of an unrelated role holds its presence lock: {}. The connector"
                            + " continues without the lock, so an uninstall would not notice that it is running.",
                    names.connector(),
                    holders.strangers());
        }
    }

    private boolean take(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(names.acquirePresenceLock())) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
