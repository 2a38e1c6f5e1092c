package io.ectowatch.connect.metrics;

import java.util.LinkedHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task counts, since its start. Where the worker is Kafka Connect 4.1 or newer they are metrics of the plugin
 * (KIP-877): {@code kafka.connect:type=plugins,connector=...,task=...}. Thread-safe.
 */
public final class TaskMetrics {

    private static final Logger log = LoggerFactory.getLogger(TaskMetrics.class);

    private final LongAdder changes = new LongAdder();
    private final LongAdder lostChanges = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder unreadableChanges = new LongAdder();
    private final LongAdder connects = new LongAdder();

    /** Counts changes that have become records. */
    public void changes(int count) {
        changes.add(count);
    }

    /** Counts changes that were received and dropped because there was no room for them. */
    public void lostChanges(int count) {
        lostChanges.add(count);
    }

    /** Counts an announced gap: of one table, or of all of them at once. */
    public void gap() {
        gaps.increment();
    }

    /** Counts a change that could not be read or published, and was replaced by a resync of its table. */
    public void unreadableChange() {
        unreadableChanges.increment();
    }

    /** Counts a connection on which the task began to listen. */
    public void connect() {
        connects.increment();
    }

    public long changes() {
        return changes.sum();
    }

    public long lostChanges() {
        return lostChanges.sum();
    }

    public long gaps() {
        return gaps.sum();
    }

    public long unreadableChanges() {
        return unreadableChanges.sum();
    }

    public long connects() {
        return connects.sum();
    }

    /**
     * Shows the counters to the worker's metrics reporters; does nothing where the worker cannot take them.
     *
     * @param queuedBytes the memory taken by what waits for {@code poll()}, in bytes
     */
    public void register(SourceTaskContext context, LongSupplier queuedBytes) {
        try {
            PluginMetrics metrics = context.pluginMetrics();
            add(metrics, "changes-total", "Changes that have become records.", this::changes);
            add(
                    metrics,
                    "lost-changes-total",
                    "Changes that were received and dropped because there was no room for them.",
                    this::lostChanges);
            add(metrics, "gaps-total", "Gaps that have been announced by resync records.", this::gaps);
            add(
                    metrics,
                    "unreadable-changes-total",
                    "Changes that could not be read or published; a resync of the table took the place of each.",
                    this::unreadableChanges);
            add(metrics, "connects-total", "Connections on which the task began to listen.", this::connects);
            add(metrics, "queued-bytes", "Memory taken by what waits for poll().", queuedBytes);
        } catch (NoSuchMethodError | NoClassDefFoundError e) {
            log.info("This worker is older than Kafka Connect 4.1 and takes no metrics of plugins.");
        }
    }

    private static void add(PluginMetrics metrics, String name, String description, LongSupplier value) {
        metrics.addMetric(metrics.metricName(name, description, new LinkedHashMap<>()), (Gauge<Long>)
                (config, now) -> value.getAsLong());
    }
}
