package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A producer and a consumer with nothing between them but the broker: no Connect. */
final class Floor implements Contender {

    /** As long as a change's value. */
    private static final String VALUE = "v".repeat(200);

    private final String name;
    private final String description;
    private final boolean commits;

    private Floor(String name, String description, boolean commits) {
        this.name = name;
        this.description = description;
        this.commits = commits;
    }

    /** Without a database either. */
    static Floor bare() {
        return new Floor("floor", "a bare producer and the same consumer: what Kafka itself takes", false);
    }

    /** What hardly any way can be quicker than: the writer is told of its commit as soon as others can see what it did. */
    static Floor afterCommit() {
        return new Floor(
                "dual-write",
                "a writer that commits the row and then produces the record itself: next to the least that a way from a "
                        + "commit to a consumer can take (a change is lost if the writer dies between)",
                true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Set<Trait> traits() {
        return commits ? Set.of(Trait.BOUNDS_LATENCY) : Set.of();
    }

    @Override
    public Running start(Arena arena, List<String> tables) {
        return new Bare(arena, name, commits);
    }

    private record Bare(Arena arena, String name, boolean commits) implements Running {

        @Override
        public List<String> topics(String table) {
            return List.of(name + "." + table);
        }

        @Override
        public Changes changes(String table) throws SQLException {
            String topic = topics(table).get(0);
            return commits
                    ? new CommittedAndProduced(new CommittedRows(arena, table), new Produced(arena, topic))
                    : new Produced(arena, topic);
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
            send(number);
            timeline.returned(number, System.nanoTime());
        }

        void send(int number) {
            producer.send(new ProducerRecord<>(topic, "{\"id\":" + number + "}", VALUE));
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    private record CommittedAndProduced(CommittedRows rows, Produced produced) implements Changes {

        @Override
        public void make(int number, Timeline timeline) throws SQLException {
            rows.make(number, timeline);
            produced.send(number);
        }

        @Override
        public void close() throws SQLException {
            produced.close();
            rows.close();
        }
    }
}
