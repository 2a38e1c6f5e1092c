package io.ectowatch.connect.journal;

import io.ectowatch.connect.config.BellMode;
import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the task has triggers notify it, and how it waits where it does not. The triggers' functions are the same for
 * {@code on} and {@code auto}: they notify only while the task has armed the bell, so it is enough that the task does not.
 */
final class BellChoice {

    private static final Logger log = LoggerFactory.getLogger(BellChoice.class);

    /**
     * Without a bell the pause between two reads is this part of the time since the last change, so that while changes come
     * they are found soon, and a database at rest has little to do.
     */
    private static final int SHARE_OF_SILENCE = 250;

    private static final long SHORTEST_MS = 2;

    /** Half of it is what a change waits on average after a long silence; and it makes fewer than thirty statements a second. */
    private static final long LONGEST_MS = 34;

    private final ObjectNames names;
    private final BellMode mode;
    private boolean told;

    BellChoice(ObjectNames names, BellMode mode) {
        this.names = names;
        this.mode = mode;
    }

    /** Asks the server where the setting leaves it to that. */
    boolean rings(Connection connection) throws SQLException {
        if (mode != BellMode.AUTO) {
            return mode == BellMode.ON;
        }
        boolean prepares = preparesTransactions(connection);
        if (prepares && !told) {
            log.info(
                    "Connector {}: this server allows prepared transactions (max_prepared_transactions > 0), and PostgreSQL"
                            + " refuses to prepare a transaction that has notified. So the triggers do not notify, and the"
                            + " task reads the journal at intervals. If no application prepares transactions, doorbell=on"
                            + " saves these reads.",
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

    /** How long to pause, in milliseconds, when nothing has come for so long. */
    static long pauseMs(long silenceNs) {
        long share = TimeUnit.NANOSECONDS.toMillis(silenceNs) / SHARE_OF_SILENCE;
        return Math.max(SHORTEST_MS, Math.min(share, LONGEST_MS));
    }
}
