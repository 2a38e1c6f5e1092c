package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
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

/** A producer and a consumer with only the broker between them, without Connect. */
final class Floor implements Contender {

    /** As long as the value of a change record. */
    private static final String VALUE = "v".repeat(200);

    private final String name;
    private final String description;
    private final boolean commits;

    private Floor(String name, String description, boolean commits) {
        this.name = name;
        this.description = description;
        this.commits = commits;
    }

    /** Without a database. */
    static Floor bare() {
        return new Floor("floor", "a bare producer and the same consumer: the latency of Kafka itself", false);
    }

    /** Close to the minimum latency: COMMIT returns to the writer when other sessions can see the change. */
    static Floor afterCommit() {
        return new Floor(
                "dual-write",
                "a writer that commits the row and then produces the record itself: close to the minimum latency from a "
                        + "commit to a consumer (a change is lost if the writer dies between the two)",
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
    public RunningContender start(Environment environment, List<String> tables) {
        return new Bare(environment, name, commits);
    }

    private record Bare(Environment environment, String name, boolean commits) implements RunningContender {

        @Override
        public List<String> topics(String table) {
            return List.of(name + "." + table);
        }

        @Override
        public Changes changes(String table) throws SQLException {
            String topic = topics(table).get(0);
            return commits
                    ? new CommittedAndProduced(new CommittedRows(environment, table), new Produced(environment, topic))
                    : new Produced(environment, topic);
        }

        @Override
        public void stop() {
            throw new UnsupportedOperationException("this contender cannot be stopped");
        }

        @Override
        public void createBacklog(String table, int changes, int rowsPerStatement) {
            throw new UnsupportedOperationException("this contender has no backlog");
        }

        @Override
        public void resume() {
            throw new UnsupportedOperationException("this contender cannot be resumed");
        }

        @Override
        public void close() {}
    }

    /** Produces records. A record counts as committed when it is passed to the producer. */
    private static final class Produced implements Changes {

        private final KafkaProducer<String, String> producer;
        private final String topic;

        Produced(Environment environment, String topic) {
            this.topic = topic;
            Map<String, Object> settings = new HashMap<>(environment.producerSettings());
            settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, environment.bootstrapServers());
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
