package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** A contender that is a connector in the worker of the stack. */
abstract class RunningConnector implements RunningContender {

    private final Environment environment;
    private final String connector;

    RunningConnector(Environment environment, String connector) {
        this.environment = environment;
        this.connector = connector;
    }

    /** Creates the connector and waits until it is ready. Deletes it if it does not start. */
    final RunningContender started(Map<String, String> config) throws SQLException {
        try {
            configure(config);
            environment.rest().waitUntilRunning(connector);
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

    /** Creates or changes the connector with this config and the settings common to all contenders. */
    final void configure(Map<String, String> config) {
        Map<String, String> complete = new HashMap<>(config);
        complete.put("tasks.max", "1");
        environment.producerSettings().forEach((key, value) -> complete.put("producer.override." + key, value));
        environment.rest().putConnector(connector, complete);
    }

    final Environment environment() {
        return environment;
    }

    final String connector() {
        return connector;
    }

    /** Waits until the connector captures every change. */
    abstract void awaitReady() throws SQLException;

    /** Removes the objects that the connector leaves in the database. Called after the end of its task. */
    abstract void removeDatabaseObjects() throws SQLException;

    @Override
    public Changes changes(String table) throws SQLException {
        return new CommittedRows(environment, table);
    }

    @Override
    public final void stop() {
        environment.rest().stop(connector);
        Environment.await("connector " + connector + " to stop", () -> {
            var status = environment.rest().status(connector);
            return status.connector().state().equals("STOPPED")
                    && status.tasks().isEmpty();
        });
        environment.awaitNoContender();
    }

    @Override
    public void createBacklog(String table, int changes, int rowsPerStatement) throws SQLException {
        new Backlog(environment).insert(table, changes, rowsPerStatement);
    }

    @Override
    public final void resume() {
        environment.rest().resume(connector);
    }

    @Override
    public final void close() throws SQLException {
        if (environment.rest().connectors().contains(connector)) {
            environment.rest().delete(connector);
        }
        environment.awaitNoContender();
        removeDatabaseObjects();
    }
}
