package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.List;

/** Tables whose changes no connector publishes. */
class UnwatchedTables implements RunningContender {

    private final Environment environment;

    UnwatchedTables(Environment environment) {
        this.environment = environment;
    }

    @Override
    public final List<String> topics(String table) {
        return List.of();
    }

    @Override
    public final Changes changes(String table) throws SQLException {
        return new CommittedRows(environment, table);
    }

    @Override
    public final void stop() {}

    @Override
    public final void createBacklog(String table, int changes, int rowsPerStatement) throws SQLException {
        new Backlog(environment).insert(table, changes, rowsPerStatement);
    }

    @Override
    public final void resume() {}

    @Override
    public void close() throws SQLException {}
}
