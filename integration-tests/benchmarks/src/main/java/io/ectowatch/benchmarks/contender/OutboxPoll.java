package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The outbox pattern with a poller. An application writes the outbox row itself, in the same transaction; here a row trigger
 * that does nothing else writes it, so that all workloads can be used.
 */
final class OutboxPoll implements Contender {

    @Override
    public String name() {
        return "outbox-poll";
    }

    @Override
    public String description() {
        return "an outbox table, to which a row trigger writes in place of the application, and a source connector that reads it"
                + " every 100 ms and deletes what Kafka has acknowledged";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.CARRIES_CHANGES, Trait.COMPLETE, Trait.HAS_TRIGGERS, Trait.KEEPS_BACKLOG);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        String name = environment.newName("outbox");
        environment.execute("""
                CREATE TABLE %1$s (
                    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    event text NOT NULL,
                    row_id bigint NOT NULL,
                    at timestamptz NOT NULL DEFAULT now());
                CREATE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO %1$s (event, row_id)
                    VALUES (TG_OP, CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
                    RETURN NULL;
                END $$
                """.formatted(name));
        for (String table : tables) {
            environment.execute("CREATE TRIGGER outbox AFTER INSERT OR UPDATE OR DELETE ON " + table
                    + " FOR EACH ROW EXECUTE FUNCTION " + name + "()");
        }
        return new Connector(environment, name)
                .started(Map.of(
                        "connector.class",
                        "io.ectowatch.benchmarks.control.OutboxConnector",
                        "connection.url",
                        environment.postgres().url(),
                        "connection.user",
                        environment.postgres().user(),
                        "connection.password",
                        environment.postgres().password(),
                        "outbox",
                        name,
                        "table",
                        tables.get(0),
                        "topic",
                        name));
    }

    private static final class Connector extends RunningConnector {

        Connector(Environment environment, String name) {
            super(environment, name);
        }

        @Override
        void awaitReady() {}

        @Override
        void removeDatabaseObjects() throws SQLException {
            environment().execute("DROP FUNCTION %1$s() CASCADE; DROP TABLE %1$s".formatted(connector()));
        }

        @Override
        public List<String> topics(String table) {
            return List.of(connector());
        }
    }
}
