package io.ectowatch.connect.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Opens connections. The driver is called directly: {@code DriverManager} finds drivers by class loader, and a plugin's
 * is not the one it looks in.
 */
public final class Connections {

    /**
     * What every session of ours needs, whatever the role's, the database's or the server's own settings are. A setting
     * which this server does not know is left out: a later check then reports that the server is too old.
     * Those that only a superuser may set are not here: our statements do not depend on them.
     *
     * <ul>
     *   <li>Names resolve to the system catalog only, and texts mean what the statements were written for.
     *   <li>Nothing ends the session for being idle, or for an error that is expected, and no wait is endless. But a
     *       transaction that stands still ends: its client has died with its host, and its locks would stay for hours.
     *   <li>A row that a policy hides is an error rather than a loss.
     *   <li>The tables that are made are heaps. Compiling takes a catalog query longer than running it.
     * </ul>
     */
    private static final String SESSION = """
            SELECT pg_catalog.set_config(wanted.name, wanted.value, false)
            FROM (VALUES ('search_path', 'pg_catalog'),
                         ('statement_timeout', '%1$d'),
                         ('lock_timeout', '%1$d'),
                         ('idle_in_transaction_session_timeout', '%1$d'),
                         ('idle_session_timeout', '0'),
                         ('transaction_timeout', '0'),
                         ('default_transaction_isolation', 'read committed'),
                         ('default_transaction_read_only', 'off'),
                         ('default_transaction_deferrable', 'off'),
                         ('standard_conforming_strings', 'on'),
                         ('transform_null_equals', 'off'),
                         ('array_nulls', 'on'),
                         ('quote_all_identifiers', 'off'),
                         ('row_security', 'off'),
                         ('exit_on_error', 'off'),
                         ('client_min_messages', 'error'),
                         ('default_table_access_method', 'heap'),
                         ('plpgsql.extra_errors', 'none'),
                         ('jit', 'off')) AS wanted (name, value)
            WHERE pg_catalog.current_setting(wanted.name, true) IS NOT NULL
            """;

    private final ConnectionSettings settings;

    public Connections(ConnectionSettings settings) {
        this.settings = settings;
    }

    /**
     * A connection for statements, in autocommit. Every wait on it ends after the settings' bound.
     *
     * @throws SQLException when there is no connection to be had; see {@link Failure}
     */
    public Connection open() throws SQLException {
        return open(properties(settings.applicationName()));
    }

    /**
     * A connection to {@code LISTEN} on, in autocommit: its socket is a {@link NotificationSocket}.
     *
     * @throws SQLException when there is no connection to be had; see {@link Failure}
     */
    public Connection openForNotifications() throws SQLException {
        Properties properties = properties(settings.applicationName() + " listen");
        if (!settings.properties().containsKey(PGProperty.SOCKET_FACTORY.getName())) {
            PGProperty.SOCKET_FACTORY.set(properties, NotificationSocket.Factory.class.getName());
        }
        return open(properties);
    }

    private Connection open(Properties properties) throws SQLException {
        Properties effective = Driver.parseURL(settings.url(), properties);
        if (effective != null) {
            TlsFiles.check(effective);
        }
        Connection connection = new Driver().connect(settings.url(), properties);
        if (connection == null) {
            throw new SQLException("connection.url is not a PostgreSQL URL", "08001");
        }
        try (Statement statement = connection.createStatement()) {
            if (settings.role() != null) {
                TakenRole.take(statement, settings.role());
            }
            statement.execute(SESSION.formatted(settings.timeoutMs()));
        } catch (SQLException | RuntimeException e) {
            closeQuietly(connection);
            throw e;
        }
        return connection;
    }

    private Properties properties(String applicationName) {
        Properties properties = new Properties();
        PGProperty.CONNECT_TIMEOUT.set(properties, Math.max(1, settings.timeoutMs() / 1000));
        PGProperty.SOCKET_TIMEOUT.set(properties, Math.max(1, settings.timeoutMs() / 1000));
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        properties.putAll(settings.properties());
        if (settings.user() != null) {
            PGProperty.USER.set(properties, settings.user());
        }
        if (settings.password() != null) {
            PGProperty.PASSWORD.set(properties, settings.password());
        }
        return properties;
    }

    /** Closes what may be half open already; there is nothing to be done about a failure. */
    public static void closeQuietly(AutoCloseable closeable) {
        if (closeable == null) {
            return;
        }
        try {
            closeable.close();
        } catch (Exception e) {
            // The connection is given up either way, and the server notices by itself.
        }
    }
}
