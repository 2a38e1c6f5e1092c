package io.ectowatch.connect.metrics;

import java.util.Map;
import java.util.function.LongSupplier;

/** Where a task's metrics are registered. */
interface MetricSink extends AutoCloseable {

    /** @param tags further tags of the MBean, in their order; empty for the task's own one */
    void add(String name, String description, Map<String, String> tags, LongSupplier value);

    /** Adds a metric of the task. */
    default void add(String name, String description, LongSupplier value) {
        add(name, description, Map.of(), value);
    }

    /** Tries again to add metrics that could not be added. */
    default void retry() {}

    @Override
    void close();
}
