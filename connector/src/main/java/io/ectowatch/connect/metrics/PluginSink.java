package io.ectowatch.connect.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;

/** The worker's metrics for plugins (KIP-877), since Kafka Connect 4.1: all reporters of the worker get them. */
final class PluginSink implements MetricSink {

    private final PluginMetrics metrics;

    /** @throws NoSuchMethodError if the worker is older; or {@link NoClassDefFoundError} */
    PluginSink(SourceTaskContext context) {
        metrics = context.pluginMetrics();
    }

    @Override
    public void add(String name, String description, Map<String, String> tags, LongSupplier value) {
        metrics.addMetric(metrics.metricName(name, description, new LinkedHashMap<>(tags)), (Gauge<Long>)
                (config, now) -> value.getAsLong());
    }

    @Override
    public void close() {
        // The worker removes them when the task ends.
    }
}
