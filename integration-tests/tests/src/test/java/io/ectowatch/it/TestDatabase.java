package io.ectowatch.it;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectorConfig;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A separate database for one test, and the connectors that watch it. Closing deletes the connectors. */
public final class TestDatabase implements AutoCloseable {

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final Stack stack;
    private final String name = "test" + NUMBERS.incrementAndGet();

    public TestDatabase(Stack stack) throws SQLException {
        this.stack = stack;
        try (Connection connection = stack.postgres().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
    }

    public String name() {
        return name;
    }

    public Connection connect() throws SQLException {
        return stack.postgres().connect(name);
    }

    /** Executes statements, each in a separate transaction. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A config that watches these tables. Callers may change the map. */
    public Map<String, String> watching(String tables) {
        return ConnectorConfig.watching(stack.postgres(), name, tables);
    }

    /** Creates a connector of this database and waits until its triggers are installed. */
    public void createConnector(String suffix, Map<String, String> config) {
        stack.connect().rest().putConnector(connector(suffix), config);
        stack.connect().rest().waitUntilRunning(connector(suffix));
        List<String> tables = List.of(config.get("tables").split(", "));
        InstalledTriggers.await(stack.postgres(), name, connector(suffix), tables);
    }

    /** The name of a connector of this database. */
    public String connector(String suffix) {
        return name + "-" + suffix;
    }

    /** Whether the journal of a connector of this database is empty. */
    public boolean journalIsEmpty(String suffix) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT oldest_change IS NULL FROM ectowatch.status WHERE connector = '"
                                + connector(suffix) + "'")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Override
    public void close() {
        ConnectRest rest = stack.connect().rest();
        rest.connectors().stream()
                .filter(connector -> connector.startsWith(name + "-"))
                .forEach(rest::delete);
    }
}
