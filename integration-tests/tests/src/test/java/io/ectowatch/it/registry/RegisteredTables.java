package io.ectowatch.it.registry;

import io.ectowatch.it.TestDatabase;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.embedded.EmbeddedSchemaRegistry;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * A separate database for one test, whose tables a connector watches with a converter of a schema registry. Closing deletes the
 * connector.
 */
final class RegisteredTables implements AutoCloseable {

    private final Stack stack;
    private final EmbeddedSchemaRegistry registry;
    private final TestDatabase database;

    RegisteredTables(Stack stack, EmbeddedSchemaRegistry registry) throws SQLException {
        this.stack = stack;
        this.registry = registry;
        this.database = new TestDatabase(stack);
    }

    /** Executes statements, each in a separate transaction. */
    void execute(String... statements) throws SQLException {
        database.execute(statements);
    }

    String connector() {
        return database.connector("a");
    }

    /** The topic of a table, or of another name with the same prefix. */
    String topic(String table) {
        return database.name() + "." + table;
    }

    /** A config that watches these tables without extra columns. Callers may change the map. */
    Map<String, String> config(RegistryFormat format, String tables) {
        Map<String, String> config = database.watching(tables);
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        config.putAll(format.settings(registry.url()));
        return config;
    }

    /** A config that watches one table with extra columns. Callers may change the map. */
    Map<String, String> config(RegistryFormat format, String table, String extraColumns) {
        Map<String, String> config = config(format, table);
        config.remove("tables");
        config.put("watchers", "all");
        config.put("watchers.all.table", table);
        config.put("watchers.all.extra.columns", extraColumns);
        return config;
    }

    /** Creates the connector and waits until the triggers of these tables are installed. */
    void watch(Map<String, String> config, String... tables) {
        stack.connect().rest().putConnector(connector(), config);
        stack.connect().rest().waitUntilRunning(connector());
        InstalledTriggers.await(stack.postgres(), database.name(), connector(), List.of(tables));
    }

    /** The records of a topic, as a sink connector would get them. */
    RegisteredRecords records(RegistryFormat format, String table) throws ReflectiveOperationException {
        return new RegisteredRecords(
                stack.kafka().bootstrapServers(),
                topic(table),
                format.converter(registry.url(), true),
                format.converter(registry.url(), false));
    }

    /** What the registry answers about the schemas of the values in a topic: {@code meta} or {@code versions}. */
    String registered(String table, String what) throws IOException, InterruptedException {
        return registry.get("/groups/default/artifacts/" + topic(table) + "-value/" + what);
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    @Override
    public void close() {
        database.close();
    }
}
