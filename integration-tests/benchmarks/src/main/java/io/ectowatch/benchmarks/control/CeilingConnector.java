package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Emits records from memory, as many as records says, and nothing else: as fast as the framework allows. */
public final class CeilingConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return CeilingTask.class;
    }
}
