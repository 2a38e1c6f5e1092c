package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Debezium's connector for PostgreSQL: logical replication through {@code pgoutput}. */
final class Debezium implements Contender {

    private final String name;
    private final String description;
    private final Map<String, String> settings;
    private final Set<Trait> traits;

    private Debezium(String name, String description, Map<String, String> settings, Set<Trait> traits) {
        this.traits = traits;
        this.name = name;
        this.description = description;
        this.settings = settings;
    }

    static Debezium withDefaults() {
        return new Debezium(
                "debezium",
                "Debezium's PostgreSQL connector, `pgoutput`, no snapshot, otherwise defaults; in `backfill`, with an initial"
                        + " snapshot of the key column",
                Map.of(),
                Set.of(
                        Trait.CARRIES_CHANGES,
                        Trait.COMPLETE,
                        Trait.ANY_KEY,
                        Trait.KEEPS_BACKLOG,
                        Trait.PUBLISHES_ROWS));
    }

    /** The poll interval affects delivery, but not the cost on the server. */
    static Debezium pollingOften() {
        return new Debezium(
                "debezium-5ms",
                "the same with `poll.interval.ms=5`",
                Map.of("poll.interval.ms", "5"),
                Set.of(Trait.CARRIES_CHANGES, Trait.ANY_KEY, Trait.KEEPS_BACKLOG));
    }

    static Debezium withLargeBatches() {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "poll.interval.ms", "5",
                "snapshot.fetch.size", "20000",
                "max.batch.size", "8192",
                "max.queue.size", "32768"));
        String text = settings.entrySet().stream().map(Object::toString).collect(Collectors.joining("`, `", "`", "`"));
        return new Debezium("debezium-large", "the same with " + text, settings, Set.of(Trait.PUBLISHES_ROWS));
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
        return traits;
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        String connector = environment.newName("debezium");
        return new Connector(environment, connector, Map.of()).started(config(environment, connector, tables));
    }

    @Override
    public RunningContender startForRows(Environment environment, String table) {
        String connector = environment.newName("debezium");
        Map<String, String> config = config(environment, connector, List.of(table));
        config.put("snapshot.mode", "initial");
        config.put("column.include.list", "public." + table + ".id");
        return new Connector(environment, connector, config);
    }

    private Map<String, String> config(Environment environment, String connector, List<String> tables) {
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
        return config;
    }

    private static final class Connector extends RunningConnector {

        private final Map<String, String> forRows;

        /** @param forRows the config with which it publishes the rows of a table */
        Connector(Environment environment, String name, Map<String, String> forRows) {
            super(environment, name);
            this.forRows = forRows;
        }

        @Override
        public void publishRows(String table, int rows) {
            configure(forRows);
            environment().rest().waitUntilRunning(connector());
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
