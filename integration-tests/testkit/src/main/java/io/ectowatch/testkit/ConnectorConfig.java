package io.ectowatch.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/** The base config of connectors in tests and benchmarks. */
public final class ConnectorConfig {

    public static final String CLASS = "io.ectowatch.connect.EctoWatchSourceConnector";

    private ConnectorConfig() {}

    /**
     * A config that watches these tables of this database, with a producer that does not linger. Callers may change the
     * map.
     */
    public static Map<String, String> watching(PostgresServer postgres, String database, String tables) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("connector.class", CLASS);
        config.put("tasks.max", "1");
        config.put("connection.url", postgres.connectorUrl(database));
        config.put("connection.user", postgres.user());
        config.put("connection.password", postgres.password());
        config.put("tables", tables);
        config.put("producer.override.linger.ms", "0");
        return config;
    }
}
