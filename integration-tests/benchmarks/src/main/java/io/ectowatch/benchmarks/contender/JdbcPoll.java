package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A connector that asks for rows with a later timestamp every 100 ms. It knows of no deletion. */
final class JdbcPoll implements Contender {

    @Override
    public String name() {
        return "jdbc-poll";
    }

    @Override
    public String description() {
        return "a source connector that asks for later rows by timestamp and id every 100 ms";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.CARRIES_CHANGES);
    }

    @Override
    public Running start(Arena arena, List<String> tables) throws SQLException {
        String table = tables.get(0);
        arena.execute("CREATE INDEX ON %s (updated_at, id)".formatted(table));
        String name = arena.newName("jdbc_poll");
        return new Connector(arena, name)
                .started(Map.of(
                        "connector.class",
                        "io.ectowatch.benchmarks.control.JdbcPollConnector",
                        "connection.url",
                        arena.postgres().url(),
                        "connection.user",
                        arena.postgres().user(),
                        "connection.password",
                        arena.postgres().password(),
                        "table",
                        table,
                        "topic",
                        name));
    }

    private static final class Connector extends RunningConnector {

        Connector(Arena arena, String name) {
            super(arena, name);
        }

        @Override
        void awaitReady() {}

        @Override
        void removeRemains() {}

        @Override
        public List<String> topics(String table) {
            return List.of(connector());
        }
    }
}
