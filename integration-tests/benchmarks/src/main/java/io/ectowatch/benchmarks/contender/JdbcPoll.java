package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A connector that queries for rows with a later timestamp every 100 ms. It does not capture deletions. */
final class JdbcPoll implements Contender {

    @Override
    public String name() {
        return "jdbc-poll";
    }

    @Override
    public String description() {
        return "a source connector that queries for later rows by timestamp and id every 100 ms";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.CARRIES_CHANGES);
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) throws SQLException {
        String table = tables.get(0);
        environment.execute("CREATE INDEX ON %s (updated_at, id)".formatted(table));
        String name = environment.newName("jdbc_poll");
        return new Connector(environment, name)
                .started(Map.of(
                        "connector.class",
                        "io.ectowatch.benchmarks.control.JdbcPollConnector",
                        "connection.url",
                        environment.postgres().url(),
                        "connection.user",
                        environment.postgres().user(),
                        "connection.password",
                        environment.postgres().password(),
                        "table",
                        table,
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
        void removeDatabaseObjects() {}

        @Override
        public List<String> topics(String table) {
            return List.of(connector());
        }
    }
}
