package io.ectowatch.connect.postgres;

import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an {@link SQLException} means for the operator: whether trying again can help, and which setting it is about.
 *
 * @param permanent true when only the operator can mend it
 * @param setting the setting to look at
 * @param message what is wrong and what to do, without any secret
 */
public record Failure(boolean permanent, String setting, String message) {

    /** Classes of SQLSTATE that the operator has to mend: authorization, syntax or access, unknown database. */
    private static final Set<String> PERMANENT_CLASSES = Set.of("28", "42", "3D", "0A", "22", "3F");

    /** Classes that may pass, as when two sessions alter an object at a time, but then soon: limits, raised, internal. */
    private static final Set<String> STUBBORN_CLASSES = Set.of("54", "P0", "XX");

    /** Of what a server says; its messages are rarely longer than a line. */
    private static final int LONGEST = 500;

    /** What the driver passes on of what the runtime said has the names of its classes. */
    private static final Pattern CLASS_NAME = Pattern.compile("\\b[\\w.$]+Exception: ");

    /**
     * Whether the error can pass by itself however long it has lasted, as those of the network, of a server that restarts or
     * is a standby for now, of locks, and of a lack of room.
     */
    static boolean heals(SQLException e) {
        String state = e.getSQLState();
        boolean stubborn = state != null && state.length() == 5 && STUBBORN_CLASSES.contains(state.substring(0, 2));
        return !stubborn && !of(e).permanent();
    }

    public static Failure of(SQLException e) {
        if (StrangeAnswer.is(e)) {
            return new Failure(false, "connection.url", StrangeAnswer.MESSAGE);
        }
        if (e instanceof SettingException known) {
            return known.failure();
        }
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String said = firstLine(e);
        switch (state) {
            case "28P01":
                return new Failure(
                        true,
                        "connection.password",
                        "The server refuses the password (or the role does not exist): check connection.user and"
                                + " connection.password.");
            case "28000":
                return new Failure(
                        true,
                        "connection.user",
                        "The server refuses this role: " + said
                                + ". Check connection.user, its LOGIN attribute and the server's pg_hba.conf.");
            case "3D000":
                return new Failure(
                        true, "connection.url", "There is no such database: " + said + ". Check connection.url.");
            case "42501":
                return new Failure(
                        true, "connection.user", "The role lacks a privilege: " + said + ". Grant it, then restart.");
            case "08001", "08004", "08006":
                if (isAboutTls(e)) {
                    return new Failure(
                            false,
                            "connection.url",
                            "No TLS connection to PostgreSQL: " + said
                                    + ". Check sslmode, sslrootcert and what else of TLS is set, by connection.properties.*"
                                    + " or in connection.url, and the host's name there.");
                }
                return new Failure(
                        false,
                        "connection.url",
                        "No connection to PostgreSQL: " + said
                                + ". Check host and port in connection.url, and that the server accepts connections.");
            case "25006":
                return new Failure(
                        false,
                        "connection.url",
                        "The server takes no changes (" + said + "): connect to the primary, for example by naming all"
                                + " hosts and adding targetServerType=primary to the URL.");
            case "53300":
                return noConnectionLeft(e, said);
            case "55P03":
                return new Failure(
                        false,
                        "tables",
                        "Another session holds a lock that the connector needs: " + said
                                + ". pg_locks and pg_stat_activity show which.");
            case "99999":
                // Its message has the URL.
                return new Failure(
                        true,
                        "connection.url",
                        "The PostgreSQL driver cannot use the URL. Check its form and, if it names a service, that the"
                                + " worker's pg_service.conf defines it.");
            case "57P03":
                return new Failure(
                        false, "connection.url", "The server is starting up or shutting down: " + said + ".");
            default:
                boolean permanent = state.length() == 5 && PERMANENT_CLASSES.contains(state.substring(0, 2));
                return new Failure(
                        permanent, "connection.url", "PostgreSQL says: " + said + " (SQLSTATE " + state + ").");
        }
    }

    /** Three limits have one SQLSTATE; the place in the server's code tells which, in any language. */
    private static Failure noConnectionLeft(SQLException e, String said) {
        ServerErrorMessage error = e instanceof PSQLException fromDriver ? fromDriver.getServerErrorMessage() : null;
        String routine = error == null ? "" : String.valueOf(error.getRoutine());
        return switch (routine) {
            case "InitializeSessionUserId" ->
                new Failure(
                        false,
                        "connection.user",
                        "The role has no connection left (CONNECTION LIMIT): " + said + ". " + SessionLimits.ADVICE);
            case "CheckMyDatabase" ->
                new Failure(
                        false,
                        "connection.url",
                        "The database has no connection left (CONNECTION LIMIT): " + said + ". "
                                + SessionLimits.ADVICE);
            default ->
                new Failure(
                        false,
                        "connection.url",
                        "The server has no connection left: " + said
                                + ". See its max_connections, reserved_connections and superuser_reserved_connections.");
        };
    }

    /** The driver has no SQLSTATE of its own for it; it names SSL, or the host whose certificate does not fit. */
    private static boolean isAboutTls(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        String text = String.valueOf(e.getMessage());
        // Who has not even come so far says "hostname", too, and has the network's error as its cause.
        return text.contains("SSL") || e.getCause() == null && text.contains("hostname");
    }

    private static String firstLine(SQLException e) {
        String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
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
