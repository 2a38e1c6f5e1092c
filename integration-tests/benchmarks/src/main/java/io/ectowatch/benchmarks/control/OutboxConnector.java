package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Polls an outbox table, and deletes what Kafka has acknowledged. */
public final class OutboxConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return OutboxTask.class;
    }
}
