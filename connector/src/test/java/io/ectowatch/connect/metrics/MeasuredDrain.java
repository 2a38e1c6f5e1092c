package io.ectowatch.connect.metrics;

import com.sun.management.ThreadMXBean;
import io.ectowatch.connect.EctoWatchSourceTask;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * Runs a task until it has published so many changes, without a broker and without converters, and measures the threads of the
 * task. Its argument and its result have only classes of the JDK, since its caller is of another class loader.
 */
public final class MeasuredDrain implements Function<Map<String, Object>, Map<String, Object>> {

    private static final RecordMetadata ACKNOWLEDGED =
            new RecordMetadata(new TopicPartition("topic", 0), 0, 0, 0, 0, 0);

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Called by reflection. */
    public MeasuredDrain() {}

    /**
     * @param input the settings, the number of {@code changes}, and the {@code offset} to begin with, or none
     * @return the {@code offset}, what the MBean has {@code counted}, and in nanoseconds and bytes what the threads have used:
     *     {@code cpu} and {@code allocated}
     */
    @Override
    public Map<String, Object> apply(Map<String, Object> input) {
        Map<String, String> settings = new HashMap<>();
        input.forEach((key, value) -> settings.put(key, value.toString()));
        long changes = Long.parseLong(settings.remove("changes"));
        settings.remove("offset");
        @SuppressWarnings("unchecked")
        Map<String, Object> offset = (Map<String, Object>) input.get("offset");
        EctoWatchSourceTask task = new EctoWatchSourceTask();
        task.initialize(context(settings, offset));
        try {
            long[] before = used(settings.get("name"));
            task.start(settings);
            Map<String, Object> result = new HashMap<>();
            long published = 0;
            while (published < changes) {
                List<SourceRecord> records = task.poll();
                if (records != null) {
                    for (SourceRecord record : records) {
                        task.commitRecord(record, ACKNOWLEDGED);
                    }
                    published += records.size();
                    result.put(
                            "offset",
                            new HashMap<>(records.get(records.size() - 1).sourceOffset()));
                }
                task.commit();
            }
            long[] after = used(settings.get("name"));
            result.put("cpu", after[0] - before[0]);
            result.put("allocated", after[1] - before[1]);
            result.put("counted", counted(settings.get("name")));
            return result;
        } catch (InterruptedException | JMException e) {
            throw new IllegalStateException(e);
        } finally {
            task.stop();
        }
    }

    /** The CPU time and the allocations so far of this thread and the one that reads the journal. */
    private long[] used(String connector) {
        long[] used = new long[2];
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            boolean isOfTheTask = thread != null
                    && (thread.getThreadId() == Thread.currentThread().getId()
                            || thread.getThreadName().equals("ectowatch-journal-" + connector));
            if (isOfTheTask) {
                used[0] += threads.getThreadCpuTime(thread.getThreadId());
                used[1] += threads.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return used;
    }

    private static Object counted(String connector) throws JMException {
        return ManagementFactory.getPlatformMBeanServer()
                .getAttribute(
                        new ObjectName("kafka.connect:type=plugins,connector=" + connector + ",task=0"),
                        "changes-total");
    }

    private static SourceTaskContext context(Map<String, String> settings, Map<String, Object> committed) {
        return new SourceTaskContext() {
            @Override
            public Map<String, String> configs() {
                return settings;
            }

            @Override
            public OffsetStorageReader offsetStorageReader() {
                return new OffsetStorageReader() {
                    @Override
                    public <T> Map<String, Object> offset(Map<String, T> partition) {
                        return committed;
                    }

                    @Override
                    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
                        throw new UnsupportedOperationException();
                    }
                };
            }

            @Override
            public PluginMetrics pluginMetrics() {
                throw new NoSuchMethodError("an older worker: the metrics go to JMX");
            }
        };
    }
}
