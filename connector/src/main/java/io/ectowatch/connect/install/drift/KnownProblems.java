package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.install.objects.StatusObjects;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what the function "check" finds wrong with the connector: each problem once, until it is over. Does nothing if the
 * role may not call the function, or if the function belongs to a role that the connector need not trust.
 */
final class KnownProblems {

    private static final Logger log = LoggerFactory.getLogger(KnownProblems.class);

    /** The shortest time between two checks: a start reads the catalog again at once. */
    private static final long AT_LEAST_NS = TimeUnit.SECONDS.toNanos(1);

    private final ObjectNames names;
    private Set<String> known = Set.of();
    private boolean checked;
    private long lastCheck;

    KnownProblems(ObjectNames names) {
        this.names = names;
    }

    /** Checks, unless it has checked before. */
    synchronized void logAtStart(Connection connection) throws SQLException {
        if (!checked) {
            log(connection);
        }
    }

    /** Checks now, unless it has just checked. */
    synchronized void log(Connection connection) throws SQLException {
        if (checked && System.nanoTime() - lastCheck < AT_LEAST_NS) {
            return;
        }
        checked = true;
        lastCheck = System.nanoTime();
        try {
            Set<String> now = new HashSet<>();
            if (StatusObjects.mayBeCalled(connection, names.schema())) {
                check(connection, now);
            }
            known = now;
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            log.info(
                    "Connector {} could not be checked: {}",
                    names.connector(),
                    Failure.of(e).message());
        }
    }

    private void check(Connection connection, Set<String> now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(StatusObjects.check(names.schema()))) {
            statement.setString(1, names.connector());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String problem = row.getString(1);
                    // Sizes and times change while the problem is the same.
                    String key = problem.replaceAll("[0-9]", "") + row.getString(2);
                    now.add(key);
                    if (!known.contains(key)) {
                        log.warn("Connector {}: {} Remedy: {}", names.connector(), problem, row.getString(2));
                    }
                }
            }
        }
    }
}
