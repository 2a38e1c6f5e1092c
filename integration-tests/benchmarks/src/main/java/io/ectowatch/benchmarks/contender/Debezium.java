package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Debezium's connector for PostgreSQL: logical replication through {@code pgoutput}. */
final class Debezium implements Contender {

    private final String name;
    private final String description;
    private final Map<String, String> settings;

    private Debezium(String name, String description, Map<String, String> settings) {
        this.name = name;
        this.description = description;
        this.settings = settings;
    }

    static Debezium withDefaults() {
        return new Debezium(
                "debezium", "Debezium's PostgreSQL connector, `pgoutput`, no snapshot, otherwise defaults", Map.of());
    }

    static Debezium pollingOften() {
        return new Debezium("debezium-5ms", "the same with `poll.interval.ms=5`", Map.of("poll.interval.ms", "5"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Set<Trait> traits() {
        // The poll interval affects delivery, but not the cost on the server.
        return settings.isEmpty()
                ? Set.of(Trait.CARRIES_CHANGES, Trait.COMPLETE, Trait.KEEPS_BACKLOG)
                : Set.of(Trait.CARRIES_CHANGES, Trait.KEEPS_BACKLOG);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        String connector = environment.newName("debezium");
        Map<String, String> config = new HashMap<>(settings);
        config.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.put("plugin.name", "pgoutput");
        config.put("database.hostname", environment.postgres().host());
        config.put("database.port", Integer.toString(environment.postgres().port()));
        config.put("database.user", environment.postgres().user());
        config.put("database.password", environment.postgres().password());
        config.put("database.dbname", "postgres");
        config.put("topic.prefix", connector);
        config.put("slot.name", connector);
        config.put("publication.name", connector);
        // An advantage for Debezium: the server does not send it the changes of other tables.
        config.put("publication.autocreate.mode", "filtered");
        config.put(
                "table.include.list",
                tables.stream().map(table -> "public." + table).collect(Collectors.joining(",")));
        config.put("snapshot.mode", "no_data");
        // Otherwise a deletion would be two records.
        config.put("tombstones.on.delete", "false");
        return new Connector(environment, connector).started(config);
    }

    private static final class Connector extends RunningConnector {

        Connector(Environment environment, String name) {
            super(environment, name);
        }

        @Override
        void awaitReady() {
            Environment.await(
                    "slot " + connector() + " to be active",
                    () -> environment()
                                    .number("SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = '"
                                            + connector() + "'")
                            == 1);
        }

        @Override
        void removeDatabaseObjects() throws SQLException {
            environment()
                    .execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                            + connector() + "'");
            environment().execute("DROP PUBLICATION IF EXISTS " + connector());
        }

        @Override
        public List<String> topics(String table) {
            return List.of(connector() + ".public." + table);
        }
    }
}
