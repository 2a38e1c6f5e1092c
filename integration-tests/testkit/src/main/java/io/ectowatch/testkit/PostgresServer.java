package io.ectowatch.testkit;

import java.sql.Connection;
import java.sql.SQLException;

/** The PostgreSQL server of a {@link Stack}. Stopping and starting keep its data and its port. */
public interface PostgresServer {

    /** How a server stops. */
    enum StopMode {
        /** Ends the sessions, writes everything out and stops. */
        FAST,
        /** Drops everything at once, as in a crash: the next start recovers from the log. */
        IMMEDIATE
    }

    String host();

    int port();

    /** A superuser. */
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

    /** As {@link #url(String)}, by the address at which the Connect workers find it. */
    default String connectorUrl(String database) {
        return url(database);
    }

    /** A new connection to the database {@code postgres}; the caller closes it. */
    default Connection connect() throws SQLException {
        return connect("postgres");
    }

    /** A new connection to a database; the caller closes it. */
    Connection connect(String database) throws SQLException;

    /** Returns when the server has stopped. */
    void stop(StopMode mode);

    /** Returns when the server accepts connections. */
    void start();

    default void restart(StopMode mode) {
        stop(mode);
        start();
    }
}
