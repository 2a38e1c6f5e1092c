package io.ectowatch.connect.admin;

import io.ectowatch.connect.config.ConnectorConfig;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.uninstall.Uninstaller;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.journal.offset.OffsetValidator;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.wiring.Components;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Validates offsets that an operator wants to set against the journal; a reset of all offsets uninstalls the
 * connector.
 */
public final class OffsetAlterer {

    private static final Logger log = LoggerFactory.getLogger(OffsetAlterer.class);

    /** Connect's REST interface answers after ninety seconds at the latest. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int BETWEEN_ATTEMPTS_MS = 500;

    private final ConnectorConfig config;
    private final Duration patience;

    public OffsetAlterer(ConnectorConfig config) {
        this(config, PATIENCE);
    }

    /** @param patience how long to retry the removal of locked objects */
    public OffsetAlterer(ConnectorConfig config, Duration patience) {
        this.config = config;
        this.patience = patience;
    }

    /**
     * Validates the offsets. If the connector's own offset is reset, all objects that the connector created in the
     * database are removed: it then starts from the beginning in every respect. Objects that another role installed
     * for it stay.
     *
     * @param offsets by source partition; empty for a reset without offsets, as in notify delivery
     * @throws ConnectException if an offset is not possible, or if not all objects could be removed, in which case
     *     none was; with the reason
     */
    public void apply(Map<Map<String, ?>, Map<String, ?>> offsets) {
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
                    "Connector {} did not install its objects in the database, so they are not removed:"
                            + " install.mode={}.",
                    config.name(),
                    config.install().mode());
        }
    }

    private void uninstall() {
        Uninstaller uninstaller = new Uninstaller(
                Components.provisioner(config).names(), config.delivery().ddlLockTimeoutMs(), OffsetAlterer::pause);
        long until = System.nanoTime() + patience.toNanos();
        try (Connection connection = Components.connections(config).open()) {
            Optional<String> obstacle = uninstaller.attempt(connection);
            while (obstacle.isPresent() && System.nanoTime() - until < 0) {
                pause(BETWEEN_ATTEMPTS_MS);
                obstacle = uninstaller.attempt(connection);
            }
            if (obstacle.isPresent()) {
                throw kept(
                        "Within " + patience.toSeconds() + " seconds the removal was not possible: " + obstacle.get()
                                + ". Try again when that is over.",
                        null);
            }
            log.info("All objects of connector {} in the database were removed.", config.name());
        } catch (SQLException e) {
            if (SqlStates.is(e, SqlStates.NO_SUCH_DATABASE)) {
                log.info(
                        "The database of connector {} does not exist any more, so there are no objects to" + " remove.",
                        config.name());
                return;
            }
            Failure meaning = Failure.of(e);
            throw kept(meaning.setting() + ": " + meaning.message(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw kept("The worker is stopping.", e);
        }
    }

    private ConnectException kept(String reason, @Nullable Exception cause) {
        return new ConnectException(
                "The offsets of connector " + config.name() + " were not changed, and none of its objects were removed"
                        + " from the database. " + reason,
                cause);
    }

    private static boolean pause(long milliseconds) throws InterruptedException {
        Thread.sleep(milliseconds);
        return true;
    }

    private void check(Map<String, ?> partition, Map<String, ?> offset) {
        if (config.delivery().mode() == DeliveryMode.NOTIFY) {
            throw new ConnectException("delivery.mode: notify has no offsets, since it cannot resume.");
        }
        Map<String, ?> ours = JournalSource.partition(config.name());
        if (!same(ours, partition)) {
            throw new ConnectException(
                    "The source partition of this connector is " + ours + ", not " + partition + ".");
        }
        try (Connection connection = Components.connections(config).open()) {
            Provisioner provisioner = Components.provisioner(config);
            provisioner.checkObjects(connection);
            new OffsetValidator(connection, provisioner.names()).check(offset);
        } catch (SQLException e) {
            Failure meaning = Failure.of(e);
            throw new ConnectException(meaning.setting() + ": " + meaning.message(), e);
        }
    }

    /** JSON numbers may have another Java type. */
    private static boolean same(Map<String, ?> ours, Map<String, ?> theirs) {
        return ours.keySet().equals(theirs.keySet())
                && ours.entrySet().stream()
                        .allMatch(entry ->
                                entry.getValue().toString().equals(String.valueOf(theirs.get(entry.getKey()))));
    }
}
