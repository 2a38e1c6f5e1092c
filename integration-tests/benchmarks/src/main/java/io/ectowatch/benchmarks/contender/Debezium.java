package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
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
                "debezium", "Debezium's PostgreSQL connector, `pgoutput`, no snapshot, else defaults", Map.of());
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
        // How often it asks matters to what it delivers, and not to what anybody pays on the server.
        return settings.isEmpty()
                ? Set.of(Trait.CARRIES_CHANGES, Trait.COMPLETE, Trait.KEEPS_BACKLOG)
                : Set.of(Trait.CARRIES_CHANGES, Trait.KEEPS_BACKLOG);
    }

    @Override
    public Running start(Arena arena, List<String> tables) throws SQLException {
        String connector = arena.newName("debezium");
        Map<String, String> config = new HashMap<>(settings);
        config.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.put("plugin.name", "pgoutput");
        config.put("database.hostname", arena.postgres().host());
        config.put("database.port", Integer.toString(arena.postgres().port()));
        config.put("database.user", arena.postgres().user());
        config.put("database.password", arena.postgres().password());
        config.put("database.dbname", "postgres");
        config.put("topic.prefix", connector);
        config.put("slot.name", connector);
        config.put("publication.name", connector);
        // To its advantage: the server sends it no other table's changes.
        config.put("publication.autocreate.mode", "filtered");
        config.put(
                "table.include.list",
                tables.stream().map(table -> "public." + table).collect(Collectors.joining(",")));
        config.put("snapshot.mode", "no_data");
        // Or a deletion is two records.
        config.put("tombstones.on.delete", "false");
        return new Connector(arena, connector).started(config);
    }

    private static final class Connector extends RunningConnector {

        Connector(Arena arena, String name) {
            super(arena, name);
        }

        @Override
        void awaitReady() {
            Arena.await(
                    "slot " + connector() + " to be active",
                    () -> arena().number("SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = '"
                                    + connector() + "'")
                            == 1);
        }

        @Override
        void removeRemains() throws SQLException {
            arena().execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                    + connector() + "'");
            arena().execute("DROP PUBLICATION IF EXISTS " + connector());
        }

        @Override
        public List<String> topics(String table) {
            return List.of(connector() + ".public." + table);
        }
    }
}
