package io.ectowatch.connect.postgres;

import java.sql.SQLException;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/**
 * Detects answers that did not come from a PostgreSQL server. Anybody who may validate a configuration can point it
 * at any address that the worker reaches. So the result must not contain anything that another service answered.
 */
final class ForeignAnswer {

    static final String MESSAGE = "The service at this address is not a PostgreSQL server. Check host and port in"
            + " connection.url, and any proxies in between.";

    private static final Pattern SQLSTATE = Pattern.compile("[0-9A-Z]{5}");

    /**
     * The driver prints four bytes of the answer as a number. PostgreSQL's authentication methods have at most two
     * digits.
     */
    private static final Pattern AUTHENTICATION_TYPE = Pattern.compile("-?\\d{1,3}(?:\\D\\d{3})+|-?\\d{3,}");

    /** Numbers in messages about SCRAM are not answers of another service. These words are the same in every language. */
    private static final Pattern ITERATIONS = Pattern.compile("\\bPBKDF2\\b");

    private static final Pattern STANDARD = Pattern.compile("\\bRFC \\d+\\b");

    private ForeignAnswer() {}

    static boolean is(SQLException e) {
        if (e instanceof PSQLException fromDriver && fromDriver.getServerErrorMessage() != null) {
            return !isWellFormed(fromDriver.getServerErrorMessage());
        }
        String state = e.getSQLState();
        if (PSQLState.PROTOCOL_VIOLATION.getState().equals(state)) {
            return true;
        }
        String message = String.valueOf(e.getMessage());
        return PSQLState.CONNECTION_REJECTED.getState().equals(state)
                && !isAboutIterations(e)
                && !STANDARD.matcher(message).find()
                && AUTHENTICATION_TYPE.matcher(message).find();
    }

    /** Whether the driver found that the role's password needs more iterations than {@code scramMaxIterations} allows. */
    static boolean isAboutIterations(SQLException e) {
        return ITERATIONS.matcher(String.valueOf(e.getMessage())).find();
    }

    private static boolean isWellFormed(ServerErrorMessage error) {
        return error.getSeverity() != null
                && error.getMessage() != null
                && error.getSQLState() != null
                && SQLSTATE.matcher(error.getSQLState()).matches();
    }
}
