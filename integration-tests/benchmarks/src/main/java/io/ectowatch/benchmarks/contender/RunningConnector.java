package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** A contender that is a connector in the stack's worker. */
abstract class RunningConnector implements Running {

    private final Arena arena;
    private final String connector;

    RunningConnector(Arena arena, String connector) {
        this.arena = arena;
        this.connector = connector;
    }

    /** Creates the connector and returns when it is ready; removes it if it does not start. */
    final Running started(Map<String, String> config) throws SQLException {
        try {
            configure(config);
            arena.rest().waitUntilRunning(connector);
            awaitReady();
            return this;
        } catch (RuntimeException | SQLException e) {
            try {
                close();
            } catch (RuntimeException | SQLException more) {
                e.addSuppressed(more);
            }
            throw e;
        }
    }

    /** Gives the connector this config, with what all have in common. */
    final void configure(Map<String, String> config) {
        Map<String, String> complete = new HashMap<>(config);
        complete.put("tasks.max", "1");
        arena.producerSettings().forEach((key, value) -> complete.put("producer.override." + key, value));
        arena.rest().putConnector(connector, complete);
    }

    final Arena arena() {
        return arena;
    }

    final String connector() {
        return connector;
    }

    /** Returns when no change will be missed any more. */
    abstract void awaitReady() throws SQLException;

    /** Removes what the connector leaves in the database. Is called when its task is gone. */
    abstract void removeRemains() throws SQLException;

    @Override
    public Changes changes(String table) throws SQLException {
        return new CommittedRows(arena, table);
    }

    @Override
    public final void stop() {
        arena.rest().stop(connector);
        Arena.await("connector " + connector + " to stop", () -> {
            var status = arena.rest().status(connector);
            return status.connector().state().equals("STOPPED")
                    && status.tasks().isEmpty();
        });
        arena.awaitNoContender();
    }

    @Override
    public void pileUp(String table, int changes, int rowsPerStatement) throws SQLException {
        new Backlog(arena).pileUp(table, changes, rowsPerStatement);
    }

    @Override
    public final void resume() {
        arena.rest().resume(connector);
    }

    @Override
    public final void close() throws SQLException {
        if (arena.rest().connectors().contains(connector)) {
            arena.rest().delete(connector);
        }
        arena.awaitNoContender();
        removeRemains();
    }
}
