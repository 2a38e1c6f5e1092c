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
 * A task's counters since its start. With Kafka Connect 4.1 or newer they are metrics of the plugin (KIP-877): {@code
 * kafka.connect:type=plugins,connector=...,task=...}. Thread-safe.
 */
public final class TaskMetrics {

    private static final Logger log = LoggerFactory.getLogger(TaskMetrics.class);

    private final LongAdder changes = new LongAdder();
    private final LongAdder lostChanges = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder unreadableChanges = new LongAdder();
    private final LongAdder connects = new LongAdder();
    private volatile int watchedTables;
    private volatile int tablesInTrouble;

    /** Counts changes that became records. */
    public void changes(int count) {
        changes.add(count);
    }

    /** Counts changes that were received but dropped because the queue was full. */
    public void lostChanges(int count) {
        lostChanges.add(count);
    }

    /** Counts an announced gap: of one table, or of all tables at once. */
    public void gap() {
        gaps.increment();
    }

    /** Counts a change that could not be read or published, and was replaced by a resync of its table. */
    public void unreadableChange() {
        unreadableChanges.increment();
    }

    /** Counts a connection on which the task started to listen or read. */
    public void connect() {
        connects.increment();
    }

    /** Says how many tables are watched now, and how many are in trouble. */
    public void tables(int watched, int inTrouble) {
        watchedTables = watched;
        tablesInTrouble = inTrouble;
    }

    public long watchedTables() {
        return watchedTables;
    }

    public long tablesInTrouble() {
        return tablesInTrouble;
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
     * Registers the counters with the worker's metrics reporters; does nothing if the worker is too old.
     *
     * @param queuedBytes the memory used by changes that wait for {@code poll()}, in bytes
     */
    public void register(SourceTaskContext context, LongSupplier queuedBytes) {
        try {
            PluginMetrics metrics = context.pluginMetrics();
            add(metrics, "changes-total", "Changes that were turned into records.", this::changes);
            add(
                    metrics,
                    "lost-changes-total",
                    "Changes that were received but dropped because the queue was full.",
                    this::lostChanges);
            add(metrics, "gaps-total", "Gaps announced by resync records.", this::gaps);
            add(
                    metrics,
                    "unreadable-changes-total",
                    "Changes that could not be read or published; each was replaced by a resync of its table.",
                    this::unreadableChanges);
            add(
                    metrics,
                    "connects-total",
                    "Connections that the task opened to listen or to read the journal.",
                    this::connects);
            add(metrics, "watched-tables", "Tables that are watched now.", this::watchedTables);
            add(
                    metrics,
                    "tables-in-trouble",
                    "Tables that cannot be watched, or whose triggers could not be installed yet.",
                    this::tablesInTrouble);
            add(metrics, "queued-bytes", "Bytes of memory used by changes that wait for poll().", queuedBytes);
        } catch (NoSuchMethodError | NoClassDefFoundError e) {
            log.info("The connector's metrics are not available: plugin metrics need Kafka Connect 4.1 or newer.");
        }
    }

    private static void add(PluginMetrics metrics, String name, String description, LongSupplier value) {
        metrics.addMetric(metrics.metricName(name, description, new LinkedHashMap<>()), (Gauge<Long>)
                (config, now) -> value.getAsLong());
    }
}
