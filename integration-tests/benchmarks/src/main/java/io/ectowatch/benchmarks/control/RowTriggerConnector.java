package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Listens on the channel of a row trigger. */
public final class RowTriggerConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return RowTriggerTask.class;
    }
}
