package io.ectowatch.connect.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;

/**
 * The same MBeans as those of {@link PluginSink}, for a worker before Kafka Connect 4.1. Other reporters of such a worker
 * do not get them.
 */
final class JmxSink implements MetricSink {

    private static final String DOMAIN = "kafka.connect";
    private static final String GROUP = "plugins";

    private final Metrics metrics =
            new Metrics(new MetricConfig(), List.of(new JmxReporter()), Time.SYSTEM, new KafkaMetricsContext(DOMAIN));
    private final Map<String, String> tags = new LinkedHashMap<>();

    /** @param connector the connector's name; it has one task */
    JmxSink(String connector) {
        tags.put("connector", connector);
        tags.put("task", "0");
    }

    @Override
    public void add(String name, String description, Map<String, String> further, LongSupplier value) {
        Map<String, String> all = new LinkedHashMap<>(tags);
        all.putAll(further);
        metrics.addMetric(
                metrics.metricName(name, GROUP, description, all), (Gauge<Long>) (config, now) -> value.getAsLong());
    }

    @Override
    public void close() {
        metrics.close();
    }
}
