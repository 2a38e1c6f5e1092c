package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Records from memory: what the framework, the producer and the broker can take at most. */
final class Ceiling implements Contender {

    @Override
    public String name() {
        return "ceiling";
    }

    @Override
    public String description() {
        return "a source connector that hands out prepared records of the same shape from memory, and does nothing else";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.KEEPS_BACKLOG);
    }

    @Override
    public Running start(Arena arena, List<String> tables) throws SQLException {
        return new Connector(arena, arena.newName("ceiling"), tables.get(0)).started();
    }

    private static final class Connector extends RunningConnector {

        private final String table;

        Connector(Arena arena, String name, String table) {
            super(arena, name);
            this.table = table;
        }

        Running started() throws SQLException {
            return started(config(0));
        }

        private Map<String, String> config(int records) {
            return Map.of(
                    "connector.class",
                    "io.ectowatch.benchmarks.control.CeilingConnector",
                    "topic",
                    "ceiling." + table,
                    "table",
                    table,
                    "records",
                    Integer.toString(records));
        }

        @Override
        public void pileUp(String watched, int changes, int rowsPerStatement) {
            configure(config(changes));
        }

        @Override
        public List<String> topics(String watched) {
            return List.of("ceiling." + watched);
        }

        @Override
        void awaitReady() {}

        @Override
        void removeRemains() {}
    }
}
