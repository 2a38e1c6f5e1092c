package io.ectowatch.testkit;

import java.sql.Connection;
import java.sql.SQLException;

/** The PostgreSQL server of a {@link Stack}. It keeps its data and its port when it is stopped and started. */
public interface PostgresServer {

    /** The shutdown modes of PostgreSQL. */
    enum StopMode {
        /** Ends all sessions, writes a checkpoint and stops. */
        FAST,
        /** Stops at once, as in a crash. The next start recovers from the WAL. */
        IMMEDIATE
    }

    String host();

    int port();

    /** The name of a superuser. */
    String user();

    String password();

    /** The JDBC URL of the database {@code postgres}, without user and password. */
    default String url() {
        return url("postgres");
    }

    /** The JDBC URL of a database, without user and password. */
    default String url(String database) {
        return "jdbc:postgresql://%s:%d/%s".formatted(host(), port(), database);
    }

    /** Like {@link #url(String)}, with the address that the Connect workers use. */
    default String connectorUrl(String database) {
        return url(database);
    }

    /** Opens a connection to the database {@code postgres}. The caller closes it. */
    default Connection connect() throws SQLException {
        return connect("postgres");
    }

    /** Opens a connection to a database. The caller closes it. */
    Connection connect(String database) throws SQLException;

    /** Stops the server and waits for its end. */
    void stop(StopMode mode);

    /**
     * Kills the server's main process (SIGKILL), if it has not ended, and waits until the server's other processes have ended.
     *
     * @throws UnsupportedOperationException if this stack's server is in a container
     */
    default void kill() {
        throw new UnsupportedOperationException("the processes of this stack's server cannot be killed");
    }

    /** Starts the server and waits until it accepts connections. */
    void start();

    default void restart(StopMode mode) {
        stop(mode);
        start();
    }
}
