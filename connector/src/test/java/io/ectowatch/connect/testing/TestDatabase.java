package io.ectowatch.connect.testing;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fresh, empty database on a real PostgreSQL server. There is one server for each JVM, started with the first database
 * and stopped with the JVM; tests that need the server itself restarted or reconfigured start one of their own.
 *
 * <p>{@code -Dembedded-postgres.binaries.version=14.22.0} on Maven's command line runs the same tests on PostgreSQL 14,
 * and so on for the other versions.
 */
public final class TestDatabase implements AutoCloseable {

    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Started when it is first asked for. */
    private static final class Server {
        static final EmbeddedPostgres INSTANCE = start();

        private static EmbeddedPostgres start() {
            try {
                // By default the server would take the locale of the user who runs the tests.
                return EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setServerConfig("max_prepared_transactions", "10")
                        .setPGStartupWait(Duration.ofMinutes(1))
                        .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                        .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL does not start", e);
            }
        }
    }

    private final String name;
    private final List<Connection> sessions = new ArrayList<>();

    private TestDatabase(String name) {
        this.name = name;
    }

    /** Creates a database of a name that no other test has. */
    public static TestDatabase create() {
        TestDatabase database = new TestDatabase("test_" + COUNT.incrementAndGet());
        // Another session could be connected to template1, and CREATE DATABASE would fail.
        administer("CREATE DATABASE " + database.name + " TEMPLATE template0");
        return database;
    }

    /** As {@link #create()}, in that encoding. */
    public static TestDatabase create(String encoding) {
        TestDatabase database = new TestDatabase("test_" + COUNT.incrementAndGet());
        administer("CREATE DATABASE " + database.name + " TEMPLATE template0 ENCODING '" + encoding + "' LC_COLLATE 'C'"
                + " LC_CTYPE 'C'");
        return database;
    }

    /** Another database with the same contents, as {@code CREATE DATABASE ... TEMPLATE} makes it; nobody may be connected. */
    public TestDatabase copy() {
        TestDatabase copy = new TestDatabase("test_" + COUNT.incrementAndGet());
        await().ignoreExceptions()
                .untilAsserted(() -> administer("CREATE DATABASE " + copy.name + " TEMPLATE " + name));
        return copy;
    }

    /** The server's major version, for example 18. */
    public static int serverVersion() {
        try (Connection connection = connect("postgres", "postgres")) {
            return connection.getMetaData().getDatabaseMajorVersion();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public String name() {
        return name;
    }

    public String host() {
        return "localhost";
    }

    public int port() {
        return Server.INSTANCE.getPort();
    }

    /** The JDBC URL, without user and password. */
    public String url() {
        return url(name);
    }

    /** A superuser, who owns the database. */
    public String user() {
        return "postgres";
    }

    /** Any password: the server trusts every role. */
    public String password() {
        return "any";
    }

    /** A new connection of {@link #user}, to be closed by the caller. */
    public Connection connect() throws SQLException {
        return connectAs(user());
    }

    /** A new connection of that role, to be closed by the caller. */
    public Connection connectAs(String role) throws SQLException {
        return connect(name, role);
    }

    /** Makes a role that may log in and owns nothing; returns its name, which no other test has. */
    public String role(String purpose) throws SQLException {
        String role = purpose + "_" + name;
        execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
        return role;
    }

    /** As {@link #role}, but the server asks for this password; all other roles are trusted. */
    public String roleWithPassword(String purpose, String password) throws SQLException {
        String role = role(purpose);
        execute("ALTER ROLE " + role + " PASSWORD '" + password + "'");
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW hba_file")) {
            row.next();
            Path hba = Path.of(row.getString(1));
            Files.writeString(hba, "host all " + role + " all scram-sha-256\n" + Files.readString(hba));
            statement.execute("SELECT pg_reload_conf()");
        } catch (IOException e) {
            throw new UncheckedIOException("pg_hba.conf cannot be changed", e);
        }
        return role;
    }

    /** Runs the statements one after another, each in its own transaction, as {@link #user}. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The one number that a query returns. */
    public long number(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The first column of what a query returns. */
    public List<String> column(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    /** A session with a transaction open, after that statement; it ends with the database, if not before. */
    public Statement begin(String first) throws SQLException {
        Connection connection = connect();
        sessions.add(connection);
        Statement statement = connection.createStatement();
        statement.execute("BEGIN");
        statement.execute(first);
        return statement;
    }

    /** Waits until the server, too, has noticed that the earlier tasks are closed. */
    public void awaitNoTask() {
        await().until(() -> {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT FROM pg_stat_activity WHERE datname ="
                            + " current_database() AND starts_with(application_name, 'ectowatch ')")) {
                return !row.next();
            }
        });
    }

    /** Drops the database and ends whatever sessions it still has. */
    @Override
    public void close() {
        for (Connection session : sessions) {
            try {
                session.close();
            } catch (SQLException e) {
                // It is closed, then.
            }
        }
        administer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }

    private static void administer(String sql) {
        try (Connection connection = connect("postgres", "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static Connection connect(String database, String role) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", "any");
        return DriverManager.getConnection(url(database), properties);
    }

    private static String url(String database) {
        return "jdbc:postgresql://localhost:" + Server.INSTANCE.getPort() + "/" + database;
    }
}
