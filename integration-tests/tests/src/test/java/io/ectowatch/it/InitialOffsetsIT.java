package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connector that is created in the state STOPPED, gets offsets, and is then resumed (KIP-980). */
@ExtendWith(StackExtension.class)
@EnabledIfSystemProperty(named = "around.kafka", matches = "true", disabledReason = "the profile around-kafka runs it")
class InitialOffsetsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Stack stack;
    private final ConnectRest rest;
    private TestDatabase database;
    private String connector;
    private Map<String, String> config;

    InitialOffsetsIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void createTable() throws Exception {
        database = new TestDatabase(stack);
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)", "INSERT INTO crates VALUES (0)");
        connector = database.connector("a");
        config = database.watching("crates");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @Test
    void aConnectorMovesToAnotherConnectClusterWithItsOffset() throws Exception {
        database.createConnector("a", config);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            JsonNode last = publishOneAndDelete(reader);

            createStopped();
            assertThat(rest.offsets(connector).get("offsets")).isEmpty();
            rest.alterOffset(connector, last.get("partition"), map(last.get("offset")));
            rest.resume(connector);
            rest.waitUntilRunning(connector);
            database.execute("INSERT INTO crates VALUES (3)");
            assertThat(reader.await(2)).extracting(InitialOffsetsIT::text).containsExactly("inserted 2", "inserted 3");
        }
    }

    @Test
    void withoutItsOffsetItLosesNothingButPublishesMore() throws Exception {
        database.createConnector("a", config);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            publishOneAndDelete(reader);

            createStopped();
            rest.resume(connector);
            rest.waitUntilRunning(connector);
            database.execute("INSERT INTO crates VALUES (3)");
            List<String> published = new ArrayList<>();
            reader.await(record -> {
                published.add(text(record));
                return text(record).equals("inserted 3");
            });
            System.out.println("without its offset: " + published);
            assertThat(published).containsSubsequence("inserted 2", "inserted 3");
        }
    }

    /** The journal has the first change, with its offset, and the second one, which is not published yet. */
    private JsonNode publishOneAndDelete(TopicReader reader) throws Exception {
        database.execute("INSERT INTO crates VALUES (1)");
        reader.await(1);
        await().until(() -> rest.offsets(connector).get("offsets").size() == 1);
        rest.stop(connector);
        rest.waitUntil(connector, "STOPPED");
        JsonNode last = rest.offsets(connector).get("offsets").get(0);
        rest.delete(connector);
        database.execute("INSERT INTO crates VALUES (2)");
        forgetOffset();
        return last;
    }

    /** Makes the Connect cluster one that has never seen the connector. A reset would uninstall the connector. */
    private void forgetOffset() throws Exception {
        String servers = stack.kafka().bootstrapServers();
        try (TopicReader offsets = TopicReader.of(servers, "connect-offsets");
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            JsonNode key = offsets.await(record -> record.key().get(0).asText().equals(connector))
                    .key();
            producer.send(new ProducerRecord<>("connect-offsets", JSON.writeValueAsBytes(key), null))
                    .get();
        }
    }

    /** Nothing is installed yet. A backfill of a new connector is a setting. */
    @Test
    void anOffsetOfAConnectorThatWasNeverInstalledIsRefused() throws Exception {
        createStopped();
        JsonNode partition = JSON.valueToTree(Map.of("connector", connector, "version", 1));
        for (Map<String, Object> offset : List.of(
                Map.<String, Object>of("timestamp", "2026-01-31T12:00:00Z"),
                Map.<String, Object>of("backfill", "crates"))) {
            assertThatThrownBy(() -> rest.alterOffset(connector, partition, offset))
                    .hasMessageContainingAll("has no journal in this database", "Start the connector first");
        }

        rest.resume(connector);
        rest.waitUntilRunning(connector);
        database.execute("INSERT INTO crates VALUES (1)");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            assertThat(text(reader.await(1).get(0))).isEqualTo("inserted 1");
        }
    }

    private static String text(ReceivedRecord record) {
        String event = record.value().get("event").asText();
        return record.key() == null
                ? event
                : event + " " + record.key().get("id").asInt();
    }

    private void createStopped() {
        rest.postConnector(JSON.valueToTree(Map.of("name", connector, "config", config, "initial_state", "STOPPED")));
        rest.waitUntil(connector, "STOPPED");
    }

    private static Map<String, Object> map(JsonNode offset) {
        return JSON.convertValue(offset, new TypeReference<>() {});
    }
}
