package io.ectowatch.connect.metrics;

import java.util.function.LongSupplier;

/** Where a task's metrics are registered. */
interface MetricSink extends AutoCloseable {

    void add(String name, String description, LongSupplier value);

    @Override
    void close();
}
