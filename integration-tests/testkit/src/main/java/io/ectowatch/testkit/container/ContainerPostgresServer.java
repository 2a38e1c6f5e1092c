package io.ectowatch.testkit.container;

import io.ectowatch.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** A PostgreSQL server in a container, where it is the process with ID 1. */
public final class ContainerPostgresServer implements PostgresServer {

    private static final Duration TIMEOUT = Duration.ofSeconds(150);

    private final Container container;
    private final String host;
    private final int port;
    private final String password;

    /**
     * A server in an existing container.
     *
     * @param host as seen by this JVM; the workers use {@code postgres:5432}
     * @param password of the superuser {@code postgres}
     */
    public ContainerPostgresServer(Container container, String host, int port, String password) {
        this.container = container;
        this.host = host;
        this.port = port;
        this.password = password;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return "postgres";
    }

    @Override
    public String password() {
        return password;
    }

    @Override
    public String connectorUrl(String database) {
        return "jdbc:postgresql://postgres:5432/" + database;
    }

    @Override
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), user(), password);
    }

    // PostgreSQL manual, "Shutting Down the Server": SIGINT is the fast shutdown, SIGQUIT the immediate shutdown.
    @Override
    public void stop(StopMode mode) {
        container.end(mode == StopMode.FAST ? "INT" : "QUIT");
    }

    @Override
    public void start() {
        container.start();
        awaitReady();
    }

    /** Waits until it accepts connections. */
    public void awaitReady() {
        container.awaitReady(TIMEOUT, () -> {
            try (Connection connection = connect()) {
                return connection.isValid(5);
            }
        });
    }

    /** The server's version, for example {@code 18.6}. */
    public String version() {
        try (Connection connection = connect()) {
            return connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL has started but does not answer", e);
        }
    }
}
