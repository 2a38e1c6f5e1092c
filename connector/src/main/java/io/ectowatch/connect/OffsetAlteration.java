package io.ectowatch.connect;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.install.Removal;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.journal.OffsetRequest;
import io.ectowatch.connect.postgres.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the offsets that an operator wants to set against what the journal can give; none at all ends the connector. */
final class OffsetAlteration {

    private static final Logger log = LoggerFactory.getLogger(OffsetAlteration.class);

    /** Connect's REST interface gives its user an answer after ninety seconds at the latest. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int BETWEEN_ATTEMPTS_MS = 500;
    private static final String NO_SUCH_DATABASE = "3D000";

    private final ConnectorConfig config;
    private final Duration patience;

    OffsetAlteration(ConnectorConfig config) {
        this(config, PATIENCE);
    }

    /** {@code patience}: for how long to try to remove what is locked. */
    OffsetAlteration(ConnectorConfig config, Duration patience) {
        this.config = config;
        this.patience = patience;
    }

    /**
     * Checks the offsets. Where the connector's own is to be forgotten, all that the connector has made in the database
     * is removed: it then begins anew in every respect. What somebody else has made for it stays.
     *
     * @param offsets by source partition; empty when all are to be forgotten and there is none, as notify delivery has none
     * @throws ConnectException when one of them is not possible, or when not all could be removed, and so nothing was;
     *     with the reason
     */
    void apply(Map<Map<String, ?>, Map<String, ?>> offsets) {
        boolean forgotten = offsets.isEmpty();
        for (Map.Entry<Map<String, ?>, Map<String, ?>> entry : offsets.entrySet()) {
            if (entry.getValue() != null) {
                check(entry.getKey(), entry.getValue());
            } else {
                forgotten |= same(JournalSource.partition(config.name()), entry.getKey());
            }
        }
        if (forgotten && config.install().mode() == InstallMode.APPLY) {
            uninstall();
        } else if (forgotten) {
            log.info(
                    "What connector {} needs in the database has been made by somebody else, and stays there:"
                            + " install.mode={}.",
                    config.name(),
                    config.install().mode());
        }
    }

    private void uninstall() {
        Removal removal = new Removal(
                Wiring.preparation(config).names(), config.delivery().ddlLockTimeoutMs(), OffsetAlteration::pause);
        long until = System.nanoTime() + patience.toNanos();
        try (Connection connection = Wiring.connections(config).open()) {
            Optional<String> obstacle = removal.attempt(connection);
            while (obstacle.isPresent() && System.nanoTime() - until < 0) {
                pause(BETWEEN_ATTEMPTS_MS);
                obstacle = removal.attempt(connection);
            }
            if (obstacle.isPresent()) {
                throw kept(
                        "Within " + patience.toSeconds() + " seconds it could not be done: " + obstacle.get()
                                + ". Try again when that has ended.",
                        null);
            }
            log.info("All that connector {} had made in the database is removed.", config.name());
        } catch (SQLException e) {
            if (NO_SUCH_DATABASE.equals(e.getSQLState())) {
                log.info(
                        "The database of connector {} is gone, and with it all that it had made there.", config.name());
                return;
            }
            Failure meaning = Failure.of(e);
            throw kept(meaning.setting() + ": " + meaning.message(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw kept("The worker is stopping.", e);
        }
    }

    private ConnectException kept(String reason, Exception cause) {
        return new ConnectException(
                "The offsets of connector " + config.name() + " stay, and nothing of it has been removed from the"
                        + " database. " + reason,
                cause);
    }

    private static boolean pause(long milliseconds) throws InterruptedException {
        Thread.sleep(milliseconds);
        return true;
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
            Preparation preparation = Wiring.preparation(config);
            preparation.checkObjects(connection);
            new OffsetRequest(connection, preparation.names()).check(offset);
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
