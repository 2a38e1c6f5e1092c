package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A row trigger that sends a notification, and a connector that listens, as in the Elixir library EctoWatch. */
final class RowTrigger implements Contender {

    @Override
    public String name() {
        return "row-trigger";
    }

    @Override
    public String description() {
        return "a row trigger that calls `pg_notify` with a payload, as in the Elixir library EctoWatch, and a source connector"
                + " that listens with PGJDBC";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.CARRIES_CHANGES, Trait.COMPLETE, Trait.HAS_TRIGGERS);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        String name = environment.newName("row_trigger");
        return new Connector(environment, name, tables)
                .started(Map.of(
                        "connector.class",
                        "io.ectowatch.benchmarks.control.RowTriggerConnector",
                        "connection.url",
                        environment.postgres().url(),
                        "connection.user",
                        environment.postgres().user(),
                        "connection.password",
                        environment.postgres().password(),
                        "channel",
                        name,
                        "table",
                        tables.get(0),
                        "topic",
                        name));
    }

    private static final class Connector extends RunningConnector {

        private final List<String> tables;

        Connector(Environment environment, String name, List<String> tables) {
            super(environment, name);
            this.tables = tables;
        }

        @Override
        void awaitReady() throws SQLException {
            environment().execute("""
                    CREATE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $$
                    DECLARE
                        changed record;
                    BEGIN
                        changed := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                        PERFORM pg_notify('%1$s', jsonb_build_object(
                            'type', CASE TG_OP WHEN 'INSERT' THEN 'inserted' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END,
                            'values', jsonb_build_object('id', changed.id))::text);
                        RETURN NULL;
                    END $$
                    """.formatted(connector()));
            for (String table : tables) {
                environment()
                        .execute(
                                "CREATE TRIGGER notify AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s()"
                                        .formatted(table, connector()));
            }
        }

        @Override
        void removeDatabaseObjects() throws SQLException {
            environment().execute("DROP FUNCTION IF EXISTS " + connector() + " CASCADE");
        }

        @Override
        public List<String> topics(String table) {
            return List.of(connector());
        }
    }
}
