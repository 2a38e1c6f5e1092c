package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.testkit.ConnectorConfig;
import io.ectowatch.testkit.ConnectorStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Connectors of this project in one worker, each with a table of its own. */
public final class ConnectorGroup implements AutoCloseable {

    private static final String DATABASE = "postgres";
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /** The tables that have all three triggers of any connector. */
    private static final String CAPTURED = """
            SELECT count(*) FROM (
                SELECT FROM pg_trigger WHERE starts_with(tgname, 'ectowatch.') AND tgtype & 28 <> 0
                GROUP BY tgrelid HAVING count(DISTINCT tgtype & 28) = 3) AS captured
            """;

    private final Environment environment;
    /** The names of the connectors, each with its table. */
    private final Map<String, String> tables = new LinkedHashMap<>();

    /** Creates the tables. */
    public ConnectorGroup(Environment environment, int connectors) throws SQLException {
        this.environment = environment;
        for (int i = 0; i < connectors; i++) {
            tables.put(environment.newName("ectowatch"), environment.newTable());
        }
    }

    /** Creates the connectors by one request after another, without a wait between them. */
    public void create() {
        tables.forEach((connector, table) -> {
            Map<String, String> config = ConnectorConfig.watching(environment.postgres(), DATABASE, table);
            environment.producerSettings().forEach((key, value) -> config.put("producer.override." + key, value));
            environment.rest().putConnector(connector, config);
        });
    }

    /** Waits until all of them are RUNNING and all tables have their triggers. */
    public void awaitCapturing() {
        Environment.await(tables.size() + " connectors to run", PATIENCE, () -> {
            Map<String, ConnectorStatus> known = environment.rest().statuses();
            for (ConnectorStatus status : known.values()) {
                if (status.anyFailed()) {
                    throw new IllegalStateException("a connector failed: " + status);
                }
            }
            return tables.keySet().stream()
                    .allMatch(connector ->
                            known.containsKey(connector) && known.get(connector).allIn("RUNNING"));
        });
        Environment.await("all triggers", PATIENCE, () -> environment.number(CAPTURED) == tables.size());
    }

    /** Inserts a row into each table. */
    public void insertRows() throws SQLException {
        environment.execute(tables.values().stream()
                .map("INSERT INTO %s (n, words) VALUES (1, 'row')"::formatted)
                .collect(Collectors.joining(";\n")));
    }

    /** The topics of {@link #insertRows}. */
    public List<String> topics() {
        return tables.values().stream().map("ectowatch.%s.inserted"::formatted).toList();
    }

    /** Deletes the connectors, their tables and everything that they have installed. */
    @Override
    public void close() throws SQLException {
        List<String> existing = environment.rest().connectors();
        tables.keySet().stream().filter(existing::contains).forEach(environment.rest()::delete);
        environment.awaitNoContender();
        environment.execute("DROP SCHEMA IF EXISTS ectowatch CASCADE");
        environment.execute("DROP TABLE " + String.join(", ", tables.values()));
    }
}
