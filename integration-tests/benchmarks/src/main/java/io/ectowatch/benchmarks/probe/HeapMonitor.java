package io.ectowatch.benchmarks.probe;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;

/** Measures the heap use of another JVM directly after garbage collections, without garbage. */
public final class HeapMonitor implements AutoCloseable {

    private static final int INTERVAL_MILLIS = 50;

    private final JMXConnector connector;
    private final MemoryMXBean memory;
    private final List<GarbageCollectorMXBean> collectors;
    private final List<String> heapPools;
    private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor();
    private long greatest;

    private HeapMonitor(JMXConnector connector, MBeanServerConnection connection) throws IOException {
        this.connector = connector;
        memory = ManagementFactory.getPlatformMXBean(connection, MemoryMXBean.class);
        collectors = ManagementFactory.getPlatformMXBeans(connection, GarbageCollectorMXBean.class);
        heapPools = ManagementFactory.getPlatformMXBeans(connection, MemoryPoolMXBean.class).stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getName)
                .toList();
    }

    /** Runs a garbage collection and starts to monitor. */
    static HeapMonitor over(JMXConnector connector) throws IOException {
        HeapMonitor heap = new HeapMonitor(connector, connector.getMBeanServerConnection());
        heap.memory.gc();
        heap.sampler.scheduleWithFixedDelay(heap::sample, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        return heap;
    }

    private synchronized void sample() {
        GcInfo last = null;
        for (GarbageCollectorMXBean collector : collectors) {
            GcInfo info = collector.getLastGcInfo();
            if (info != null && (last == null || info.getEndTime() > last.getEndTime())) {
                last = info;
            }
        }
        if (last != null) {
            greatest = Math.max(greatest, used(last));
        }
    }

    private long used(GcInfo collection) {
        return heapPools.stream()
                .mapToLong(pool -> collection.getMemoryUsageAfterGc().get(pool).getUsed())
                .sum();
    }

    /** The maximum heap use after a collection so far, in bytes. */
    public synchronized long greatest() {
        return greatest;
    }

    @Override
    public void close() {
        sampler.shutdownNow();
        try {
            connector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
