package io.ectowatch.benchmarks.control;

import org.apache.kafka.connect.connector.Task;

/** Returns records from memory as fast as Connect polls. The setting {@code records} limits their number. */
public final class CeilingConnector extends ControlConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return CeilingTask.class;
    }
}
