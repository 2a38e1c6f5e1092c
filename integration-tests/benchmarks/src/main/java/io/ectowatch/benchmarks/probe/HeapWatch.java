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

/** How much of another JVM's heap is in use right after collections: what it holds, not what it has yet to clear away. */
public final class HeapWatch implements AutoCloseable {

    private static final int INTERVAL_MILLIS = 50;

    private final JMXConnector connector;
    private final MemoryMXBean memory;
    private final List<GarbageCollectorMXBean> collectors;
    private final List<String> heapPools;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    private long greatest;

    private HeapWatch(JMXConnector connector, MBeanServerConnection connection) throws IOException {
        this.connector = connector;
        memory = ManagementFactory.getPlatformMXBean(connection, MemoryMXBean.class);
        collectors = ManagementFactory.getPlatformMXBeans(connection, GarbageCollectorMXBean.class);
        heapPools = ManagementFactory.getPlatformMXBeans(connection, MemoryPoolMXBean.class).stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getName)
                .toList();
    }

    /** Collects once, and watches from then on. */
    static HeapWatch over(JMXConnector connector) throws IOException {
        HeapWatch heap = new HeapWatch(connector, connector.getMBeanServerConnection());
        heap.memory.gc();
        heap.watch.scheduleWithFixedDelay(heap::look, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        return heap;
    }

    private synchronized void look() {
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

    /** The greatest use after a collection so far, in bytes. */
    public synchronized long greatest() {
        return greatest;
    }

    @Override
    public void close() {
        watch.shutdownNow();
        try {
            connector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
