package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Queries a table every 100 ms for rows with a later timestamp, or with the same timestamp and a greater id. */
public final class JdbcPollConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return JdbcPollTask.class;
    }
}
