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

/** This project's connector in one of its delivery modes. */
final class EctoWatch implements Contender {

    private static final String DATABASE = "postgres";

    private final String delivery;
    private final String description;
    private final Set<Trait> traits =
            EnumSet.of(Trait.CARRIES_CHANGES, Trait.COMPLETE, Trait.ANY_KEY, Trait.HAS_TRIGGERS);

    private EctoWatch(String delivery, String description) {
        this.delivery = delivery;
        this.description = description;
    }

    static EctoWatch durable() {
        EctoWatch durable = new EctoWatch("durable", "EctoWatch for Kafka Connect, `delivery.mode=durable`");
        durable.traits.add(Trait.KEEPS_BACKLOG);
        durable.traits.add(Trait.PUBLISHES_ROWS);
        durable.traits.add(Trait.PUBLISHES_CHANGES_MEANWHILE);
        return durable;
    }

    static EctoWatch notifying() {
        return new EctoWatch("notify", "EctoWatch for Kafka Connect, `delivery.mode=notify`");
    }

    @Override
    public String name() {
        return delivery;
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
        config.put("delivery.mode", delivery);
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
