package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Asks a table every 100 ms for rows with a later timestamp, or the same and a greater id. */
public final class JdbcPollConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return JdbcPollTask.class;
    }
}
