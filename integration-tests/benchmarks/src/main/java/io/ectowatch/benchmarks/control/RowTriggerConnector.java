package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Listens on a channel which a row trigger notifies. */
public final class RowTriggerConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return RowTriggerTask.class;
    }
}
