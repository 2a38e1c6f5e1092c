package io.ectowatch.connect.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an {@link SQLException} means for the operator: whether a retry can help, and which setting to check.
 *
 * @param permanent true when only the operator can fix it
 * @param setting the setting to check
 * @param message what is wrong and what to do, without any secret
 */
public record Failure(boolean permanent, String setting, String message) {

    /** SQLSTATE classes that the operator has to fix: authorization, syntax or access, unknown database. */
    private static final Set<String> PERMANENT_CLASSES = Set.of("28", "42", "3D", "0A", "22", "3F");

    /**
     * SQLSTATE classes that may pass soon (as when two sessions alter the same object) or never: limits, raised, internal,
     * errors of the disk or the operating system.
     */
    private static final Set<String> STUBBORN_CLASSES = Set.of("54", "58", "P0", "XX");

    /** SQLSTATEs of the same kind in other classes: a canceled statement, a limit of the configuration. */
    private static final Set<String> STUBBORN = Set.of(SqlStates.QUERY_CANCELED, SqlStates.LIMIT_EXCEEDED);

    /** The longest server message that is passed on; most are no longer than a line. */
    private static final int LONGEST = 500;

    /** The driver's messages contain class names of exceptions that the Java runtime threw. */
    private static final Pattern CLASS_NAME = Pattern.compile("\\b[\\w.$]+Exception: ");

    /**
     * Whether the error can pass by itself, however long it has lasted: network errors, a server that restarts or is
     * a standby for now, locks, and lack of disk space, memory or connections.
     */
    static boolean heals(SQLException e) {
        String state = e.getSQLState();
        boolean stubborn = state != null
                && state.length() == 5
                && (STUBBORN.contains(state) || STUBBORN_CLASSES.contains(state.substring(0, 2)));
        return !stubborn && !of(e).permanent();
    }

    public static Failure of(SQLException e) {
        if (e instanceof SettingException known) {
            return known.failure();
        }
        if (ForeignAnswer.is(e)) {
            return new Failure(false, "connection.url", ForeignAnswer.MESSAGE);
        }
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String serverMessage = firstLine(e);
        switch (state) {
            case SqlStates.INVALID_PASSWORD:
                return new Failure(
                        true,
                        "connection.password",
                        "The server rejected the password, or the role does not exist. Check connection.user and"
                                + " connection.password.");
            case SqlStates.INVALID_AUTHORIZATION:
                return new Failure(
                        true,
                        "connection.user",
                        "The server rejected this role: " + serverMessage
                                + ". Check connection.user, its LOGIN attribute and the server's pg_hba.conf.");
            case SqlStates.NO_SUCH_DATABASE:
                return new Failure(
                        true,
                        "connection.url",
                        "The database does not exist: " + serverMessage + ". Check connection.url.");
            case SqlStates.INSUFFICIENT_PRIVILEGE:
                return new Failure(
                        true,
                        "connection.user",
                        "The role is missing a privilege: " + serverMessage
                                + ". Grant it, then restart the connector.");
            case SqlStates.CONNECTION_FAILED, SqlStates.CONNECTION_REJECTED, SqlStates.CONNECTION_LOST:
                return notConnected(e, serverMessage);
            case SqlStates.READ_ONLY:
                return new Failure(
                        false,
                        "connection.url",
                        "The server is read-only (" + serverMessage
                                + "). Connect to the primary, for example by listing all"
                                + " hosts and adding targetServerType=primary to connection.url.");
            case SqlStates.TOO_MANY_CONNECTIONS:
                return noConnectionLeft(e, serverMessage);
            case SqlStates.LOCK_NOT_AVAILABLE:
                return new Failure(
                        false,
                        "tables",
                        "Another session holds a lock that the connector needs: " + serverMessage
                                + ". Find the session in pg_locks and pg_stat_activity.");
            case SqlStates.UNEXPECTED_ERROR:
                // The driver's message contains the URL.
                return new Failure(
                        true,
                        "connection.url",
                        "The PostgreSQL driver cannot use connection.url. Check its syntax. If it names a service, check"
                                + " that the worker's pg_service.conf defines it.");
            case SqlStates.QUERY_CANCELED:
                return new Failure(
                        false,
                        "connection.timeout.ms",
                        "The server canceled a statement of the connector: " + serverMessage
                                + ". If that was a timeout, raise connection.timeout.ms. Otherwise find out which session or"
                                + " job calls pg_cancel_backend.");
            case SqlStates.DATA_CORRUPTED, SqlStates.INDEX_CORRUPTED:
                return new Failure(
                        false,
                        "connection.url",
                        "PostgreSQL reports damaged data: " + serverMessage + " (SQLSTATE " + state
                                + "). Check the server's disks. If the relation is one of the connector's (see"
                                + " pg_filenode_relation), uninstall the connector from the database and"
                                + " restart the task: every table then gets a resync record.");
            case SqlStates.CANNOT_CONNECT_NOW:
                return new Failure(
                        false, "connection.url", "The server is starting up or shutting down: " + serverMessage + ".");
            default:
                boolean permanent = state.length() == 5 && PERMANENT_CLASSES.contains(state.substring(0, 2));
                return new Failure(
                        permanent,
                        "connection.url",
                        "PostgreSQL reports: " + serverMessage + " (SQLSTATE " + state + ").");
        }
    }

    private static Failure notConnected(SQLException e, String driverMessage) {
        String message = driverMessage + reason(e, driverMessage);
        if (isAboutTls(e)) {
            return new Failure(
                    false,
                    "connection.url",
                    "Cannot open a TLS connection to PostgreSQL: " + message
                            + ". Check sslmode, sslrootcert, sslcert, sslkey and the other TLS settings"
                            + " (connection.properties.* or connection.url), and the host name in connection.url.");
        }
        if (e.getCause() instanceof EOFException
                || e.getCause() instanceof SocketException cause && cause.getClass() == SocketException.class) {
            return new Failure(
                    false,
                    "connection.url",
                    "The server closed the connection: " + message
                            + ". See the server's log. If connections need a client certificate, check sslcert and that"
                            + " sslkey is its key. Check host and port in connection.url.");
        }
        return new Failure(
                false,
                "connection.url",
                "Cannot connect to PostgreSQL: " + message
                        + ". Check host and port in connection.url. Check that the server accepts connections.");
    }

    /** What the network or TLS says, if the driver's message does not say it: in one line, in parentheses. */
    private static String reason(SQLException e, String driverMessage) {
        Throwable cause = e.getCause();
        if (!(cause instanceof IOException) || cause.getMessage() == null) {
            return "";
        }
        String reason = oneLine(cause.getMessage());
        return reason.isEmpty() || driverMessage.contains(reason) ? "" : " (" + reason + ")";
    }

    /** The server's message with its hint, which says what to do. */
    public static String serverSentence(SQLException e) {
        ServerErrorMessage error = e instanceof PSQLException fromDriver ? fromDriver.getServerErrorMessage() : null;
        if (error == null || error.getHint() == null) {
            return of(e).message();
        }
        return error.getMessage() + " " + error.getHint();
    }

    /** Three limits share one SQLSTATE. The routine in the server's code tells them apart, in any language. */
    private static Failure noConnectionLeft(SQLException e, String serverMessage) {
        ServerErrorMessage error = e instanceof PSQLException fromDriver ? fromDriver.getServerErrorMessage() : null;
        String routine = error == null ? "" : String.valueOf(error.getRoutine());
        return switch (routine) {
            case "InitializeSessionUserId" ->
                new Failure(
                        false,
                        "connection.user",
                        "The role has reached its CONNECTION LIMIT: " + serverMessage + ". " + SessionLimits.ADVICE);
            case "CheckMyDatabase" ->
                new Failure(
                        false,
                        "connection.url",
                        "The database has reached its CONNECTION LIMIT: " + serverMessage + ". "
                                + SessionLimits.ADVICE);
            default ->
                new Failure(
                        false,
                        "connection.url",
                        "The server accepts no more connections: " + serverMessage
                                + ". Check max_connections, reserved_connections and superuser_reserved_connections.");
        };
    }

    /**
     * The driver has no SQLSTATE for TLS errors. Its message names SSL, or the host that the certificate does not match and
     * the hostnameverifier that found this: in each language of the driver's messages.
     */
    private static boolean isAboutTls(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        String text = String.valueOf(e.getMessage());
        // An unknown host gives a message with "hostname", too, but has the network's error as its cause.
        return text.contains("SSL")
                || e.getCause() == null && text.toLowerCase(Locale.ROOT).contains("hostname");
    }

    /** The reason with one full stop at its end: it may be a phrase, or sentences. */
    public static String sentence(String reason) {
        return reason.endsWith(".") ? reason : reason + ".";
    }

    /** The first line of its message, without control characters. */
    static String firstLine(SQLException e) {
        return oneLine(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }

    private static String oneLine(String text) {
        String line = CLASS_NAME
                .matcher(text.lines().findFirst().orElse(""))
                .replaceAll("")
                .replaceAll("\\p{Cntrl}", " ")
                .strip();
        if (line.length() > LONGEST) {
            line = line.substring(0, LONGEST) + "...";
        }
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }
}
