package io.ectowatch.benchmarks.probe;

import io.ectowatch.benchmarks.Environment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer in a separate thread that records when each change arrives. */
public final class Arrivals implements AutoCloseable {

    private static final String ID = "\"id\":";
    private static final Duration QUIET = Duration.ofSeconds(15);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Timeline timeline;
    private final Thread thread = new Thread(this::consume, "arrivals");
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean ended;

    private Arrivals(KafkaConsumer<byte[], byte[]> consumer, Timeline timeline) {
        this.consumer = consumer;
        this.timeline = timeline;
    }

    /** Creates the topics and starts to read them. The ids in the records' keys are the numbers of the timeline. */
    public static Arrivals in(Environment environment, List<String> topics, Timeline timeline)
            throws ExecutionException, InterruptedException {
        try (Topics created = new Topics(environment)) {
            created.create(topics);
        }
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        environment.bootstrapServers(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(
                topics.stream().map(topic -> new TopicPartition(topic, 0)).toList());
        Arrivals arrivals = new Arrivals(consumer, timeline);
        arrivals.thread.start();
        return arrivals;
    }

    /**
     * Waits until all changes of this range have arrived, or no change has arrived for some seconds.
     *
     * @return the number of missing changes
     */
    public int await(int from, int to) {
        int[] missing = {to - from};
        long[] since = {System.nanoTime()};
        Environment.await("the end of the arrivals", () -> {
            if (failure.get() != null) {
                throw failure.get();
            }
            int now = timeline.missing(from, to);
            if (now < missing[0]) {
                missing[0] = now;
                since[0] = System.nanoTime();
            }
            return now == 0 || System.nanoTime() - since[0] > QUIET.toNanos();
        });
        return missing[0];
    }

    private void consume() {
        try (consumer) {
            while (!ended) {
                var records = consumer.poll(Duration.ofMillis(100));
                long now = System.nanoTime();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.key() != null) {
                        timeline.arrived(id(record.key()), now);
                    }
                }
            }
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private static int id(byte[] key) {
        String text = new String(key, StandardCharsets.US_ASCII);
        int begin = text.indexOf(ID) + ID.length();
        return Integer.parseInt(text, begin, text.indexOf('}', begin), 10);
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
