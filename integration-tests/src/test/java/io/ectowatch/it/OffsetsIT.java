package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The offsets of durable delivery over Connect's REST interface: shown, set and forgotten. */
@ExtendWith(StackExtension.class)
class OffsetsIT {

    private final Stack stack;
    private final ConnectRest rest;
    private TestDatabase database;
    private String connector;

    OffsetsIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void aConnectorThatHasDeliveredTwoChanges() throws Exception {
        database = new TestDatabase(stack);
        database.execute("CREATE TABLE parcels (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("parcels");
        config.put("delivery.mode", "durable");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        database.createConnector("a", config);
        connector = database.connector("a");
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @Test
    void aStoppedConnectorGoesOnFromTheOffsetThatItIsGiven() throws Exception {
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".parcels")) {
            database.execute("INSERT INTO parcels VALUES (1)");
            reader.await(1);
            JsonNode first = await().until(() -> rest.offsets(connector).get("offsets"), found -> found.size() == 1);
            database.execute("INSERT INTO parcels VALUES (2)");
            JsonNode second = reader.await(1).get(0).value();
            await().until(() -> !rest.offsets(connector).get("offsets").equals(first));

            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            rest.alterOffset(
                    connector, first.get(0).get("partition"), map(first.get(0).get("offset")));
            rest.resume(connector);
            JsonNode again = reader.await(1).get(0).value();
            assertThat(again.get("id")).isEqualTo(second.get("id"));

            database.execute("INSERT INTO parcels VALUES (3)");
            assertThat(reader.await(1).get(0).key().get("id").asInt()).isEqualTo(3);
        }
    }

    @Test
    void anImpossibleOffsetIsRefusedAndTheOneBeforeStays() throws Exception {
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".parcels")) {
            database.execute("INSERT INTO parcels VALUES (1)");
            reader.await(1);
            JsonNode before = await().until(() -> rest.offsets(connector).get("offsets"), found -> found.size() == 1);
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            assertThatThrownBy(() -> rest.alterOffset(
                            connector, before.get(0).get("partition"), Map.of("timestamp", "2999-01-01T00:00:00Z")))
                    .hasMessageContaining("is in the future");
            assertThat(rest.offsets(connector).get("offsets")).isEqualTo(before);
        }
    }

    private static Map<String, Object> map(JsonNode offset) {
        return new ObjectMapper().convertValue(offset, new TypeReference<>() {});
    }
}
