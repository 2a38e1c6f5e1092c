package io.ectowatch.connect.metrics;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's metrics for plugins (KIP-877), since Kafka Connect 4.1: all reporters of the worker get them. A worker that has
 * stopped waiting for the end of a task starts the next one beside it. The names then still belong to the earlier task, and
 * the metrics follow when it has ended.
 */
final class PluginSink implements MetricSink {

    private static final Logger log = LoggerFactory.getLogger(PluginSink.class);

    private static final long BETWEEN_NS = TimeUnit.SECONDS.toNanos(1);

    private final PluginMetrics metrics;

    /** Those whose names another task still has. */
    private final Queue<Waiting> waiting = new ArrayDeque<>();

    private volatile boolean mustRetry;
    /** Why the last one could not be added; empty before. */
    private String problem = "";

    private long retriedAt;

    /** @throws NoSuchMethodError if the worker is older; or {@link NoClassDefFoundError} */
    PluginSink(SourceTaskContext context) {
        this(context.pluginMetrics());
    }

    PluginSink(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    private record Waiting(MetricName name, LongSupplier value) {}

    @Override
    public synchronized void add(String name, String description, Map<String, String> tags, LongSupplier value) {
        Waiting metric = new Waiting(metrics.metricName(name, description, new LinkedHashMap<>(tags)), value);
        if (!added(metric)) {
            if (!mustRetry) {
                log.info(
                        "An earlier task of this connector has not ended in this worker and still has its metrics. Those of"
                                + " this task follow when it has ended. Reason: {}",
                        problem);
                mustRetry = true;
                retriedAt = System.nanoTime();
            }
            waiting.add(metric);
        }
    }

    private boolean added(Waiting metric) {
        try {
            metrics.addMetric(metric.name, (Gauge<Long>) (config, now) -> metric.value.getAsLong());
            return true;
        } catch (IllegalArgumentException e) {
            problem = String.valueOf(e.getMessage()); // usually that the name is taken
            return false;
        }
    }

    @Override
    public void retry() {
        if (mustRetry) {
            retry(System.nanoTime());
        }
    }

    private synchronized void retry(long now) {
        if (now - retriedAt >= BETWEEN_NS) {
            waiting.removeIf(this::added);
            mustRetry = !waiting.isEmpty();
            retriedAt = now;
        }
    }

    @Override
    public void close() {
        // The worker removes them when the task ends.
    }
}
