package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.testkit.ConnectorConfig;
import io.ectowatch.testkit.InstalledTriggers;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** This project's connector in one of its delivery modes, with the given further settings. */
final class EctoWatch implements Contender {

    private static final String DATABASE = "postgres";

    private final String name;
    private final String description;
    private final Map<String, String> settings;
    private final Set<Trait> traits =
            EnumSet.of(Trait.CARRIES_CHANGES, Trait.COMPLETE, Trait.ANY_KEY, Trait.HAS_TRIGGERS);

    private EctoWatch(String name, String description, Map<String, String> settings) {
        this.name = name;
        this.description = description;
        this.settings = settings;
    }

    static EctoWatch durable() {
        return durable(
                "durable", "EctoWatch for Kafka Connect, `delivery.mode=durable`", Map.of("delivery.mode", "durable"));
    }

    /** With row triggers. Not in the default list: most of its figures are those of {@link #durable}. */
    static EctoWatch durableWithRowTriggers() {
        EctoWatch durable = durable(
                "durable-row",
                "EctoWatch for Kafka Connect with row triggers, `row.triggers=true`",
                Map.of("delivery.mode", "durable", "row.triggers", "true"));
        durable.traits.add(Trait.ON_REQUEST);
        return durable;
    }

    private static EctoWatch durable(String name, String description, Map<String, String> settings) {
        EctoWatch durable = new EctoWatch(name, description, settings);
        durable.traits.add(Trait.KEEPS_BACKLOG);
        durable.traits.add(Trait.PUBLISHES_ROWS);
        durable.traits.add(Trait.PUBLISHES_CHANGES_MEANWHILE);
        return durable;
    }

    static EctoWatch notifying() {
        return new EctoWatch(
                "notify", "EctoWatch for Kafka Connect, `delivery.mode=notify`", Map.of("delivery.mode", "notify"));
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
        Map<String, String> config =
                ConnectorConfig.watching(environment.postgres(), DATABASE, String.join(",", tables));
        config.putAll(settings);
        return new Connector(environment, environment.newName("ectowatch"), tables).started(config);
    }

    private static final class Connector extends RunningConnector {

        private final List<String> tables;

        Connector(Environment environment, String name, List<String> tables) {
            super(environment, name);
            this.tables = tables;
        }

        @Override
        void awaitReady() {
            InstalledTriggers.await(environment().postgres(), DATABASE, connector(), tables);
        }

        @Override
        void removeDatabaseObjects() throws SQLException {
            environment().execute("DROP SCHEMA IF EXISTS ectowatch CASCADE");
        }

        @Override
        public List<String> topics(String table) {
            return Stream.of("inserted", "updated", "deleted")
                    .map(event -> "ectowatch." + table + "." + event)
                    .toList();
        }

        @Override
        public void publishRows(String table, int rows) throws SQLException {
            environment().execute("SELECT ectowatch.backfill('%s', 'public.%s')".formatted(connector(), table));
        }

        @Override
        public List<String> topicsOfRows(String table) {
            return List.of("ectowatch." + table + ".read");
        }

        @Override
        public List<String> topicsOfEnds(String table) {
            return List.of("ectowatch." + table + ".backfilled");
        }
    }
}
