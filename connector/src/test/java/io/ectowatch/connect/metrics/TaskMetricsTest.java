package io.ectowatch.connect.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.Test;

/** Whatever the version of Kafka Connect, the names of the metrics and their values are the same. */
class TaskMetricsTest {

    private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

    private final TaskMetrics metrics = new TaskMetrics();

    @Test
    void whatIsResolvedAgesUntilAHeartbeatKnowsMore() {
        long now = System.currentTimeMillis();
        assertThat(metrics.values(true)).containsEntry("resolved-behind-ms", 0L);

        metrics.published().heartbeat(now, now - 600_000);
        metrics.published().heartbeat(now, 0);
        assertThat(metrics.values(true).get("resolved-behind-ms")).isGreaterThanOrEqualTo(600_000);

        metrics.published().heartbeat(now, now + 600_000);
        assertThat(metrics.values(true)).containsEntry("resolved-behind-ms", 0L).containsEntry("heartbeats-total", 3L);
        assertThat(metrics.values(false)).containsKey("heartbeats-total").doesNotContainKey("resolved-behind-ms");
    }

    @Test
    void everyWorkerHasTheSameMBean() throws Exception {
        metrics.changes(3);
        metrics.published().change("inserted");
        metrics.published().batch(7, System.currentTimeMillis());
        metrics.gap(ResyncCause.UNREADABLE);
        metrics.journal().size(10, 100, true);
        metrics.tables().counter("public.users").change(true);
        Map<String, Object> old;
        Map<String, Object> oldTable;
        try (JmxSink sink = new JmxSink("old-shop")) {
            metrics.register(sink, true, () -> 42);
            metrics.tables().register(sink);
            oldTable = attributes("kafka.connect:type=plugins,connector=old-shop,task=0,table=public.users");
            old = attributes("kafka.connect:type=plugins,connector=old-shop,task=0");
        }

        Map<String, String> tags = new java.util.LinkedHashMap<>();
        tags.put("connector", "new-shop");
        tags.put("task", "0");
        Map<String, Object> now;
        try (Metrics worker = new Metrics(
                        new MetricConfig(),
                        List.of(new JmxReporter()),
                        Time.SYSTEM,
                        new KafkaMetricsContext("kafka.connect"));
                PluginMetricsImpl plugin = new PluginMetricsImpl(worker, tags)) {
            MetricSink sink = new MetricSink() {
                @Override
                public void add(String name, String description, Map<String, String> tags, LongSupplier value) {
                    plugin.addMetric(
                            plugin.metricName(name, description, new java.util.LinkedHashMap<>(tags)),
                            (Gauge<Long>) (config, time) -> value.getAsLong());
                }

                @Override
                public void close() {}
            };
            metrics.register(sink, true, () -> 42);
            metrics.tables().register(sink);
            assertThat(attributes("kafka.connect:type=plugins,connector=new-shop,task=0,table=public.users"))
                    .isEqualTo(oldTable)
                    .containsEntry("table-changes-total", 1L)
                    .containsEntry("table-resyncs-total", 1L);
            now = attributes("kafka.connect:type=plugins,connector=new-shop,task=0");
        }

        assertThat(old.keySet()).isEqualTo(now.keySet());
        assertThat(old)
                .containsEntry("changes-total", 3L)
                .containsEntry("inserted-total", 1L)
                .containsEntry("updated-total", 0L)
                .containsEntry("records-total", 7L)
                .containsEntry("batch-records-max", 7L)
                .containsEntry("resyncs-unreadable-total", 1L)
                .containsEntry("gaps-total", 1L)
                .containsEntry("journal-bytes", 10L)
                .containsEntry("journal-limit-bytes", 100L)
                .containsEntry("journal-suspended", 1L)
                .containsEntry("queued-bytes", 42L);
    }

    @Test
    void aTableGetsItsCountersWithItsFirstChangeUntilThereAreTooMany() throws Exception {
        try (JmxSink sink = new JmxSink("many")) {
            metrics.tables().publishTo(sink);
            for (int table = 0; table < 3 * TableMetrics.MOST; table++) {
                metrics.tables().counter("public.t" + table).change(false);
            }

            assertThat(BEANS.queryNames(new ObjectName("kafka.connect:type=plugins,connector=many,*"), null))
                    .hasSize(TableMetrics.MOST + 1);
            assertThat(attributes("kafka.connect:type=plugins,connector=many,task=0,table=public.t7"))
                    .containsEntry("table-changes-total", 1L);
            assertThat(attributes("kafka.connect:type=plugins,connector=many,task=0,table=others"))
                    .containsEntry("table-changes-total", 2L * TableMetrics.MOST);
        }
    }

    /** A worker that has stopped waiting for the end of a task starts the next one beside it. */
    @Test
    void aTaskStartsBesideAnEarlierOneAndGetsItsMetricsWhenThatHasEnded() throws Exception {
        try (Metrics worker = new Metrics()) {
            Map<String, String> tags = Map.of("connector", "shop", "task", "0");
            PluginMetricsImpl earlier = new PluginMetricsImpl(worker, tags);
            TaskMetrics first = new TaskMetrics();
            first.register(new PluginSink(earlier), true, () -> 0);
            first.changes(3);
            try (PluginMetricsImpl later = new PluginMetricsImpl(worker, tags)) {
                PluginSink sink = new PluginSink(later);
                metrics.register(sink, true, () -> 0);
                metrics.changes(7);
                sink.retry();
                assertThat(changes(worker)).isEqualTo(3L);

                earlier.close();
                await().untilAsserted(() -> {
                    sink.retry();
                    assertThat(changes(worker)).isEqualTo(7L);
                });
                assertThat(worker.metrics().keySet().stream().map(MetricName::name))
                        .containsAll(metrics.values(true).keySet());
            }
        }
    }

    private static Object changes(Metrics worker) {
        return worker.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("changes-total"))
                .map(metric -> metric.getValue().metricValue())
                .findFirst()
                .orElse(null);
    }

    @Test
    void aClosedTaskLeavesNoMBean() throws Exception {
        JmxSink sink = new JmxSink("gone");
        metrics.register(sink, false, () -> 0);
        ObjectName name = new ObjectName("kafka.connect:type=plugins,connector=gone,task=0");
        assertThat(BEANS.isRegistered(name)).isTrue();

        sink.close();

        assertThat(BEANS.isRegistered(name)).isFalse();
    }

    @Test
    void aConnectorWithoutAJournalHasNoMetricsOfOne() throws Exception {
        try (JmxSink sink = new JmxSink("bell")) {
            metrics.register(sink, false, () -> 0);

            assertThat(attributes("kafka.connect:type=plugins,connector=bell,task=0")
                            .keySet())
                    .contains("connected", "behind-ms-p99")
                    .noneMatch(name -> name.startsWith("journal-"));
        }
    }

    private static Map<String, Object> attributes(String bean) throws Exception {
        ObjectName name = new ObjectName(bean);
        Map<String, Object> values = new TreeMap<>();
        for (String attribute :
                new TreeSet<>(Arrays.stream(BEANS.getMBeanInfo(name).getAttributes())
                        .map(MBeanAttributeInfo::getName)
                        .toList())) {
            values.put(attribute, BEANS.getAttribute(name, attribute));
        }
        return values;
    }
}
