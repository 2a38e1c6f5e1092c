package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.postgres.Failure;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Errors while the catalog is read again. They may pass, as when a table is dropped during the read: so the tables that are
 * watched stay watched for a while.
 */
final class ReadingFailures {

    private static final Logger log = LoggerFactory.getLogger(ReadingFailures.class);

    /** How long such errors are retried before they end the session. */
    private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(1);

    private final String connector;
    private boolean failing;
    private long since;

    ReadingFailures(String connector) {
        this.connector = connector;
    }

    /**
     * Records an error.
     *
     * @throws SQLException the error, if there have been only errors for too long
     */
    void failed(SQLException e) throws SQLException {
        long now = System.nanoTime();
        if (!failing) {
            failing = true;
            since = now;
            log.warn(
                    "Connector {} cannot read the catalog: {} It retries, and continues with the tables that it watches.",
                    connector,
                    Failure.of(e).message());
        } else if (now - since > LIMIT_NS) {
            throw e;
        }
    }

    /** Records that the catalog was read. */
    void succeeded() {
        failing = false;
    }
}
