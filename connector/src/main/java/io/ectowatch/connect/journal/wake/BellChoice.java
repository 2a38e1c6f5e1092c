package io.ectowatch.connect.journal.wake;

import io.ectowatch.connect.config.BellMode;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the task lets triggers notify it; {@link Polling} is the wait without that. The triggers' functions are the same for
 * {@code on} and {@code auto}: they notify only while the task has armed the doorbell, so it is enough not to arm it.
 */
public final class BellChoice {

    private static final Logger log = LoggerFactory.getLogger(BellChoice.class);

    private final ObjectNames names;
    private final BellMode mode;
    private boolean logged;

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
        if (prepares && !logged) {
            log.info(
                    "Connector {} does not use its doorbell: this server allows prepared transactions"
                            + " (max_prepared_transactions > 0), and PostgreSQL cannot prepare a transaction that has"
                            + " notified. The task reads the journal at intervals instead. If no application prepares"
                            + " transactions, set doorbell=on to save these reads.",
                    names.connector());
        }
        logged = prepares;
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
}
