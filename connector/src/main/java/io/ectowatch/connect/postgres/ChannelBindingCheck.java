package io.ectowatch.connect.postgres;

import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Finds out whether the driver gave up a connection because {@code channelBinding=require} could not be met. The driver
 * has neither an SQLSTATE nor an exception class of its own for that, and writes its message in the language of the JVM. So
 * the setting decides: with it, only a rejection by the driver itself can mean this.
 */
final class ChannelBindingCheck {

    private ChannelBindingCheck() {}

    /**
     * The error as it is, or one that says how to meet the setting.
     *
     * @param properties all properties for the driver, those in the URL included; null if the driver cannot read the URL
     * @param e why the driver could not connect
     */
    static SQLException explain(@Nullable Properties properties, SQLException e) {
        if (properties == null
                || !"require".equals(PGProperty.CHANNEL_BINDING.getOrDefault(properties))
                || !isRejectedByTheDriver(e)) {
            return e;
        }
        return new SettingException(
                "connection.url",
                "channelBinding=require cannot be met: " + Failure.firstLine(e)
                        + ". It needs TLS (sslmode=verify-full, for example), a password and a role whose password is stored"
                        + " for scram-sha-256, and pg_hba.conf must ask for scram-sha-256. Otherwise set channelBinding to"
                        + " prefer.",
                true,
                e);
    }

    /** Without TLS at the server there is nothing to bind to; but that is not about the setting, and may pass. */
    private static boolean isAboutTls(SQLException e) {
        return GT.tr("The server does not support SSL.").equals(e.getMessage());
    }

    /** Errors of the server have a message of the server. Errors in the exchange itself, such as a wrong signature, have a cause. */
    private static boolean isRejectedByTheDriver(SQLException e) {
        return PSQLState.CONNECTION_REJECTED.getState().equals(e.getSQLState())
                && e.getCause() == null
                && e instanceof PSQLException fromDriver
                && fromDriver.getServerErrorMessage() == null
                && !isAboutTls(e)
                && !ForeignAnswer.is(e)
                && !ForeignAnswer.isAboutIterations(e);
    }
}
