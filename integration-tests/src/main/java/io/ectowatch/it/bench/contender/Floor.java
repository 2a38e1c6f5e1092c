package io.ectowatch.it.bench.contender;

import io.ectowatch.it.bench.Arena;
import io.ectowatch.it.bench.probe.Timeline;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A producer and a consumer with nothing between them but the broker: no database, no Connect. */
final class Floor implements Contender {

    /** As long as a change's value. */
    private static final String VALUE = "v".repeat(200);

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public String description() {
        return "a bare producer and the same consumer: what Kafka itself takes";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of();
    }

    @Override
    public Running start(Arena arena, List<String> tables) {
        return new Bare(arena);
    }

    private record Bare(Arena arena) implements Running {

        @Override
        public List<String> topics(String table) {
            return List.of("floor." + table);
        }

        @Override
        public Changes changes(String table) {
            return new Produced(arena, "floor." + table);
        }

        @Override
        public void stop() {
            throw new UnsupportedOperationException("there is nothing to stop");
        }

        @Override
        public void pileUp(String table, int changes, int rowsPerStatement) {
            throw new UnsupportedOperationException("there is nothing that keeps a backlog");
        }

        @Override
        public void resume() {
            throw new UnsupportedOperationException("there is nothing to resume");
        }

        @Override
        public void close() {}
    }

    /** Sends records; as soon as one is handed over it counts as committed. */
    private static final class Produced implements Changes {

        private final KafkaProducer<String, String> producer;
        private final String topic;

        Produced(Arena arena, String topic) {
            this.topic = topic;
            Map<String, Object> settings = new HashMap<>(arena.producerSettings());
            settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, arena.bootstrapServers());
            producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        }

        @Override
        public void make(int number, Timeline timeline) {
            timeline.sent(number, System.nanoTime());
            producer.send(new ProducerRecord<>(topic, "{\"id\":" + number + "}", VALUE));
            timeline.returned(number, System.nanoTime());
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
