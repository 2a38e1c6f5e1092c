package io.ectowatch.it.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.storage.Converter;

/** The records of one topic, read with a converter that asks a schema registry. */
final class RegisteredRecords implements AutoCloseable {

    /** A record: with Connect's schemas, as a sink connector would get it. */
    record Received(SchemaAndValue key, SchemaAndValue value) {

        Struct keyStruct() {
            return (Struct) key.value();
        }

        Struct valueStruct() {
            return (Struct) value.value();
        }

        boolean hasEvent(String event) {
            return value.value() != null && valueStruct().getString("event").equals(event);
        }
    }

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Converter keys;
    private final Converter values;
    private final String topic;
    private final List<Received> received = new ArrayList<>();

    RegisteredRecords(String bootstrapServers, String topic, Converter keys, Converter values) {
        this.topic = topic;
        this.keys = keys;
        this.values = values;
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(new TopicPartition(topic, 0)));
    }

    /** The first record of the topic for which this holds. Waits for it. */
    Received await(Predicate<Received> condition) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            Received found = find(condition);
            if (found != null) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not received from " + topic + "; received: " + received);
            }
        }
    }

    /** The first record for which this holds, of those that have arrived or arrive within a moment; or null. */
    Received find(Predicate<Received> condition) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> received.add(read(record)));
        return received.stream().filter(condition).findFirst().orElse(null);
    }

    private Received read(ConsumerRecord<byte[], byte[]> record) {
        return new Received(read(keys, record, record.key()), read(values, record, record.value()));
    }

    /** Apicurio's converter for JSON cannot read a missing key or value. */
    private SchemaAndValue read(Converter converter, ConsumerRecord<byte[], byte[]> record, byte[] content) {
        return content == null ? SchemaAndValue.NULL : converter.toConnectData(topic, record.headers(), content);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
