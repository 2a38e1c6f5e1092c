package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.sql.SQLException;
import java.util.List;

/** Tables that no connector carries anything from. */
class Unattended implements Running {

    private final Arena arena;

    Unattended(Arena arena) {
        this.arena = arena;
    }

    @Override
    public final List<String> topics(String table) {
        return List.of();
    }

    @Override
    public final Changes changes(String table) throws SQLException {
        return new CommittedRows(arena, table);
    }

    @Override
    public final void stop() {}

    @Override
    public final void pileUp(String table, int changes, int rowsPerStatement) throws SQLException {
        new Backlog(arena).pileUp(table, changes, rowsPerStatement);
    }

    @Override
    public final void resume() {}

    @Override
    public void close() throws SQLException {}
}
