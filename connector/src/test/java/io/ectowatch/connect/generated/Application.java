package io.ectowatch.connect.generated;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.postgresql.PGConnection;

/** A role that runs the statements of a program, within a transaction that the test has begun. */
final class Application {

    /** Statements may fail, as one that inserts a key twice: by a constraint, a value, a policy, a restriction of SQL. */
    private static final Set<String> ORDINARY_ERRORS =
            Set.of("21000", "27000", "55000", "55006", "0A000", "42501", "42809", "44000", "42P17", "25P02", "54001");

    private final Connection connection;
    private final Statement statement;
    private final String role;
    private int ordinaryErrors;

    Application(Connection connection, String role) throws SQLException {
        this.connection = connection;
        this.role = role;
        statement = connection.createStatement();
    }

    int ordinaryErrors() {
        return ordinaryErrors;
    }

    /** False if it failed, and only its savepoint was rolled back. */
    boolean attempt(Program.Statement one, boolean savepoint) throws SQLException {
        if (savepoint) {
            statement.execute("SAVEPOINT one");
        }
        statement.execute("SET ROLE " + role);
        try {
            if (one.copied() != null) {
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn(one.sql(), new StringReader(one.copied()));
            } else {
                statement.execute(one.sql());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (SQLException e) {
            if (!savepoint || !isOrdinary(e)) {
                throw e;
            }
            ordinaryErrors++;
            statement.execute("ROLLBACK TO one");
            statement.execute("RESET ROLE");
            return false;
        }
        statement.execute("RESET ROLE");
        if (savepoint) {
            statement.execute("RELEASE one");
        }
        return true;
    }

    static boolean isOrdinary(SQLException e) {
        String state = e.getSQLState();
        return (state.startsWith("22") || state.startsWith("23") || ORDINARY_ERRORS.contains(state))
                && !e.getMessage().contains("ectowatch.");
    }
}
