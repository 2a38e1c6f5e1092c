package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.config.BellMode;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the task lets triggers notify it, and how it waits otherwise. The triggers' functions are the same for
 * {@code on} and {@code auto}: they notify only while the task has armed the doorbell, so it is enough not to arm it.
 */
public final class BellChoice {

    private static final Logger log = LoggerFactory.getLogger(BellChoice.class);

    /**
     * Without a doorbell, the pause between two reads is this fraction of the time since the last change: frequent
     * changes are found soon, and an idle database has little to do.
     */
    private static final int SHARE_OF_SILENCE = 250;

    private static final long SHORTEST_MS = 2;

    /**
     * Half of it is the average delay of a change after a long silence; the task then runs fewer than thirty
     * statements a second.
     */
    private static final long LONGEST_MS = 34;

    private final ObjectNames names;
    private final BellMode mode;
    private boolean told;

    public BellChoice(ObjectNames names, BellMode mode) {
        this.names = names;
        this.mode = mode;
    }

    /** Asks the server if the setting is {@code auto}. */
    public boolean rings(Connection connection) throws SQLException {
        if (mode != BellMode.AUTO) {
            return mode == BellMode.ON;
        }
        boolean prepares = preparesTransactions(connection);
        if (prepares && !told) {
            log.info(
                    "Connector {} does not use its doorbell: this server allows prepared transactions"
                            + " (max_prepared_transactions > 0), and PostgreSQL cannot prepare a transaction that has"
                            + " notified. The task reads the journal at intervals instead. If no application prepares"
                            + " transactions, set doorbell=on to save these reads.",
                    names.connector());
        }
        told = prepares;
        return !prepares;
    }

    private static boolean preparesTransactions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT current_setting('max_prepared_transactions')::int4 > 0")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** The pause before the next read, in milliseconds, after so long without a change. */
    public static long pauseMs(long silenceNs) {
        long share = TimeUnit.NANOSECONDS.toMillis(silenceNs) / SHARE_OF_SILENCE;
        return Math.max(SHORTEST_MS, Math.min(share, LONGEST_MS));
    }
}
