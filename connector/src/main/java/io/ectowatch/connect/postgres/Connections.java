package io.ectowatch.connect.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Opens connections. It calls the driver directly: {@code DriverManager} finds drivers by class loader and does not
 * see the class loader of a Connect plugin.
 */
public final class Connections {

    /**
     * The settings that every session of the connector needs, whatever the role, the database or the server has set.
     * A setting that this server does not know is skipped: a later check reports that the server is too old. Settings
     * that only a superuser may change are not listed: the connector's statements do not depend on them.
     *
     * <ul>
     *   <li>Names resolve to the system catalog only, and literals mean what the statements were written for.
     *   <li>An idle session or an expected error does not end the session, and no wait is endless. But a transaction
     *       that is idle for too long ends: its client probably died with its host, and its locks would stay for
     *       hours.
     *   <li>A row that a row security policy hides causes an error instead of a loss.
     *   <li>New tables use the heap access method. JIT is off: compiling a catalog query takes longer than running
     *       it.
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
    private final Duration retryLimit;

    public Connections(ConnectionSettings settings) {
        this(settings, Retries.LIMIT);
    }

    /** {@code retryLimit}: how long errors are retried that come back each time, see {@link SessionLoop}. */
    public Connections(ConnectionSettings settings, Duration retryLimit) {
        this.settings = settings;
        this.retryLimit = retryLimit;
    }

    Duration retryLimit() {
        return retryLimit;
    }

    /**
     * A connection for statements, in autocommit mode. Each wait on it ends after the time limit of the settings.
     *
     * @throws SQLException when no connection can be opened; see {@link Failure}
     */
    public Connection open() throws SQLException {
        return open(properties(settings.applicationName()));
    }

    /**
     * A connection for {@code LISTEN}, in autocommit mode. Its socket is a {@link NotificationSocket}.
     *
     * @throws SQLException when no connection can be opened; see {@link Failure}
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
        Connection connection;
        try {
            connection = new Driver().connect(settings.url(), properties);
        } catch (SQLException e) {
            throw ChannelBindingCheck.explain(effective, e);
        }
        if (connection == null) {
            throw new SQLException("connection.url is not a PostgreSQL URL", SqlStates.CONNECTION_FAILED);
        }
        try (Statement statement = connection.createStatement()) {
            if (settings.role() != null) {
                SessionRole.take(statement, settings.role());
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

    /** Closes an object that may be half open. A failure is ignored, since nothing can be done about it. */
    public static void closeQuietly(@Nullable AutoCloseable closeable) {
        if (closeable == null) {
            return;
        }
        try {
            closeable.close();
        } catch (Exception e) {
            // The connection is dropped in any case, and the server notices that by itself.
        }
    }
}
