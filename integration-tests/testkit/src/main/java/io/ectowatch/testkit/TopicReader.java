package io.ectowatch.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from the earliest offset. The topics need not exist yet. Not thread-safe. */
public final class TopicReader implements AutoCloseable {

    /** The timeout of {@code await}. */
    public static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String topics;

    /** Records that arrived while the reader waited for its assignment. The next poll returns them. */
    private final List<ReceivedRecord> early = new ArrayList<>();

    /** All records that {@code await} has received. It has returned or skipped the first {@code taken} of them. */
    private final List<ReceivedRecord> received = new ArrayList<>();

    private int taken;

    private TopicReader(String bootstrapServers, String topics) {
        this.topics = topics;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "reader-" + UUID.randomUUID(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        // The consumer finds new topics that match a pattern when it refreshes its metadata.
                        ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                        500),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** A reader of these topics that has its partitions assigned. The broker creates missing topics. */
    public static TopicReader of(String bootstrapServers, String... topics) {
        TopicReader reader = new TopicReader(bootstrapServers, String.join(", ", topics));
        reader.consumer.subscribe(List.of(topics));
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (reader.assignedTopics().size() < topics.length) {
            if (System.nanoTime() > deadline) {
                reader.close();
                throw new IllegalStateException("no partitions were assigned for " + reader.topics);
            }
            reader.early.addAll(reader.fetch(Duration.ofMillis(100)));
        }
        return reader;
    }

    /**
     * A reader of topics with one partition that is in no group. So it continues where it was after the broker was restarted,
     * and does not begin again.
     */
    public static TopicReader withoutGroup(String bootstrapServers, String... topics) {
        TopicReader reader = new TopicReader(bootstrapServers, String.join(", ", topics));
        reader.consumer.assign(
                Arrays.stream(topics).map(topic -> new TopicPartition(topic, 0)).toList());
        return reader;
    }

    /** A reader of all topics, existing and future, whose whole name matches. */
    public static TopicReader matching(String bootstrapServers, Pattern topics) {
        TopicReader reader = new TopicReader(bootstrapServers, topics.pattern());
        reader.consumer.subscribe(topics);
        return reader;
    }

    /** Returns the next records, or an empty list after the timeout. {@code await} does not return them again. */
    public List<ReceivedRecord> poll(Duration timeout) {
        if (!early.isEmpty()) {
            List<ReceivedRecord> batch = List.copyOf(early);
            early.clear();
            return batch;
        }
        return fetch(timeout);
    }

    private List<ReceivedRecord> fetch(Duration timeout) {
        List<ReceivedRecord> batch = new ArrayList<>();
        ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
        long now = System.nanoTime();
        records.forEach(record -> batch.add(parsed(record, now)));
        return batch;
    }

    /** Waits for this number of records and returns them in the order of arrival. The error shows what was received. */
    public List<ReceivedRecord> await(int count) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (received.size() < taken + count) {
            pollUntil(deadline, count + " more records");
        }
        List<ReceivedRecord> next = List.copyOf(received.subList(taken, taken + count));
        taken += count;
        return next;
    }

    /** Waits for a record that satisfies the condition. Skips the records before it. */
    public ReceivedRecord await(Predicate<ReceivedRecord> condition) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            while (taken < received.size()) {
                ReceivedRecord candidate = received.get(taken++);
                if (condition.test(candidate)) {
                    return candidate;
                }
            }
            pollUntil(deadline, "the expected record");
        }
    }

    private Set<String> assignedTopics() {
        return consumer.assignment().stream().map(TopicPartition::topic).collect(Collectors.toSet());
    }

    private void pollUntil(long deadline, String wanted) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new AssertionError("not received within %d s from %s: %s; received: %s"
                    .formatted(TIMEOUT.toSeconds(), topics, wanted, received));
        }
        received.addAll(poll(Duration.ofNanos(left)));
    }

    private static ReceivedRecord parsed(ConsumerRecord<byte[], byte[]> record, long now) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return new ReceivedRecord(record.topic(), json(record.key()), json(record.value()), headers, now);
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return bytes == null ? null : JSON.readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
