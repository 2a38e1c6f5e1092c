package io.ectowatch.connect.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counters of single tables, each with an MBean of its own that has the tag {@code table}. A table gets it with its first
 * change. Their number is limited. Thread-safe.
 */
public final class TableMetrics {

    /** So many tables have counters; all others share one. */
    static final int MOST = 100;

    /** The value of the tag that the other tables share: no table has such a name. */
    static final String OTHERS = "others";

    /** What is counted of a table. One thread counts; any thread reads. */
    public static final class Counter {

        private final String table;
        private volatile long changes;
        private volatile long resyncs;

        private Counter(String table) {
            this.table = table;
        }

        /** Counts a change. */
        public void change(boolean resync) {
            changes = changes + 1;
            if (resync) {
                resyncs = resyncs + 1;
            }
        }
    }

    private final Map<String, Counter> counters = new LinkedHashMap<>();
    private @Nullable MetricSink sink;

    TableMetrics() {}

    /** The counter of a table, by its name as {@code schema.table}. */
    public synchronized Counter counter(String table) {
        String name = counters.containsKey(table) || counters.size() < MOST ? table : OTHERS;
        Counter known = counters.get(name);
        if (known != null) {
            return known;
        }
        Counter fresh = new Counter(name);
        counters.put(name, fresh);
        if (sink != null) {
            register(fresh, sink);
        }
        return fresh;
    }

    /** Registers those that exist, and from now on each new one. */
    synchronized void publishTo(MetricSink to) {
        register(to);
        sink = to;
    }

    /** Registers those that exist. */
    synchronized void register(MetricSink to) {
        List<Counter> all = new ArrayList<>(counters.values());
        all.forEach(counter -> register(counter, to));
    }

    private static void register(Counter counter, MetricSink to) {
        Map<String, String> tags = Map.of("table", counter.table);
        to.add(
                "table-changes-total",
                "Changes of the table that were turned into records.",
                tags,
                () -> counter.changes);
        to.add("table-resyncs-total", "Resyncs of the table.", tags, () -> counter.resyncs);
    }
}
