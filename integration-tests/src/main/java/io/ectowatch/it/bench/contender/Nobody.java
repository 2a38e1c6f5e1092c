package io.ectowatch.it.bench.contender;

import io.ectowatch.it.bench.Arena;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** The stack without any connector: what everything costs anyway. */
final class Nobody implements Contender {

    @Override
    public String name() {
        return "none";
    }

    @Override
    public String description() {
        return "no connector";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of();
    }

    @Override
    public Running start(Arena arena, List<String> tables) {
        return new Idle(arena);
    }

    private record Idle(Arena arena) implements Running {

        @Override
        public List<String> topics(String table) {
            return List.of();
        }

        @Override
        public Changes changes(String table) throws SQLException {
            return new CommittedRows(arena, table);
        }

        @Override
        public void stop() {}

        @Override
        public void pileUp(String table, int changes, int rowsPerStatement) throws SQLException {
            new Backlog(arena).pileUp(table, changes, rowsPerStatement);
        }

        @Override
        public void resume() {}

        @Override
        public void close() {}
    }
}
