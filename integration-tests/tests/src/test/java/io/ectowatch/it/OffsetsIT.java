package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectRestException;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading, altering and resetting the offsets of durable delivery over Connect's REST interface. */
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
    void createAConnectorThatDeliversTwoChanges() throws Exception {
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
    void aStoppedConnectorContinuesFromAnAlteredOffset() throws Exception {
        assertContinuesAfterTheFirstChange(connector, database.name() + ".parcels", (offset, time) -> map(offset));
    }

    @Test
    void aStoppedConnectorContinuesFromATimestamp() throws Exception {
        assertContinuesAfterTheFirstChange(
                connector, database.name() + ".parcels", (offset, time) -> Map.of("timestamp", time.toString()));
    }

    /** With exactly-once support, Connect first fences earlier tasks, and writes offsets in a transaction. */
    @Test
    void offsetsCanBeAlteredWithExactlyOnce() throws Exception {
        rest.delete(connector);
        stack.connect().restartWithExactlyOnce(true);
        try {
            for (String request : List.of("offset", "timestamp")) {
                String prefix = database.name() + "." + request;
                Map<String, String> config = database.watching("parcels");
                config.put("topic.prefix", prefix);
                config.put("topic.format", "${prefix}.${table}");
                config.put("exactly.once.support", "required");
                database.createConnector(request, config);
                assertContinuesAfterTheFirstChange(
                        database.connector(request),
                        prefix + ".parcels",
                        (offset, time) ->
                                request.equals("offset") ? map(offset) : Map.of("timestamp", time.toEpochMilli()));
                rest.delete(database.connector(request));
                database.execute("DELETE FROM parcels");
            }
        } finally {
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    /** The parameters of the request are the offset after the first change and a time between the two changes. */
    private void assertContinuesAfterTheFirstChange(
            String connector, String topic, BiFunction<JsonNode, Instant, Map<String, Object>> request)
            throws Exception {
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            database.execute("INSERT INTO parcels VALUES (1)");
            reader.await(1);
            JsonNode first = await().until(() -> rest.offsets(connector).get("offsets"), found -> found.size() == 1);
            Instant between = now();
            database.execute("INSERT INTO parcels VALUES (2)");
            JsonNode second = reader.await(1).get(0).value();
            await().until(() -> !rest.offsets(connector).get("offsets").equals(first));

            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            rest.alterOffset(
                    connector,
                    first.get(0).get("partition"),
                    request.apply(first.get(0).get("offset"), between));
            rest.resume(connector);
            JsonNode again = reader.await(1).get(0).value();
            assertThat(again.get("id")).isEqualTo(second.get("id"));

            database.execute("INSERT INTO parcels VALUES (3)");
            assertThat(reader.await(1).get(0).key().get("id").asInt()).isEqualTo(3);
        }
    }

    private Instant now() throws Exception {
        try (Connection connection = database.connect();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT (date_part('epoch', clock_timestamp()) * 1000)::int8");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return Instant.ofEpochMilli(row.getLong(1));
        }
    }

    @Test
    void anInvalidOffsetIsRejectedAndTheOldOneStays() throws Exception {
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

    @Test
    void anOffsetOfAStoppedConnectorStartsABackfill() throws Exception {
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".parcels")) {
            database.execute("INSERT INTO parcels VALUES (1), (2), (3)");
            reader.await(3);
            JsonNode before = await().until(() -> rest.offsets(connector).get("offsets"), found -> found.size() == 1);
            rest.stop(connector);
            rest.waitUntil(connector, "STOPPED");
            assertRefused(before, Map.of("backfill", "nothing"), "A backfill of public.nothing", "no such table");
            assertRefused(before, Map.of("backfill", "pg_catalog.pg_class"), "does not watch table pg_class");
            assertRefused(before, Map.of("backfill", "parcel.*"), "must name each table");
            assertRefused(before, Map.of("backfill", ""), "must name at least one table");
            assertRefused(
                    before,
                    Map.of("backfill", "parcels", "backfill.condition", "weight > 1"),
                    "must not contain weight",
                    "columns of the table");
            assertThat(rest.offsets(connector).get("offsets")).isEqualTo(before);

            Map<String, Object> request = map(before.get(0).get("offset"));
            request.put("backfill", "parcels");
            request.put("backfill.condition", "id > 1");
            rest.alterOffset(connector, before.get(0).get("partition"), request);
            rest.resume(connector);
            List<ReceivedRecord> read = new ArrayList<>();
            ReceivedRecord end = reader.await(record -> {
                if (record.value().get("event").asText().equals("read")) {
                    read.add(record);
                }
                return record.value().get("event").asText().equals("backfilled");
            });
            assertThat(read)
                    .extracting(record -> record.key().get("id").asInt())
                    .containsExactly(2, 3);
            String id = end.headers().get("ectowatch.backfill");
            assertThat(read).allSatisfy(record -> assertThat(record.headers()).containsEntry("ectowatch.backfill", id));
            assertThat(end.headers()).containsEntry("ectowatch.backfill.count", "2");

            // The committed offset has no request any more, so a restart starts no second backfill.
            await().until(() -> !rest.offsets(connector).toString().contains("backfill"));
            rest.restart(connector);
            database.execute("INSERT INTO parcels VALUES (4)");
            ReceivedRecord next = reader.await(1).get(0);
            assertThat(next.value().get("event").asText()).isEqualTo("inserted");
            assertThat(next.key().get("id").asInt()).isEqualTo(4);
        }
    }

    private void assertRefused(JsonNode offsets, Map<String, Object> request, String... reasons) {
        assertThatThrownBy(() -> rest.alterOffset(connector, offsets.get(0).get("partition"), request))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContainingAll(reasons);
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void resettingTheOffsetsUninstallsTheConnector(String delivery) throws Exception {
        String topic = database.name() + "." + delivery + ".parcels";
        rest.delete(connector);
        Map<String, String> config = database.watching("parcels");
        config.put("delivery.mode", delivery);
        config.put("topic.prefix", database.name() + "." + delivery);
        config.put("topic.format", "${prefix}.${table}");
        config.put("database.schema", "leaving");
        database.createConnector("leaving", config);
        String leaving = database.connector("leaving");
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            database.execute("INSERT INTO parcels VALUES (1)");
            reader.await(1);
            assertThat(leftInTheDatabase(leaving)).isPositive();

            rest.stop(leaving);
            rest.waitUntil(leaving, "STOPPED");
            rest.resetOffsets(leaving);
            assertThat(leftInTheDatabase(leaving)).isZero();
            assertThat(rest.offsets(leaving).get("offsets")).isEmpty();
            database.execute("INSERT INTO parcels VALUES (2)");

            rest.resume(leaving);
            rest.waitUntilRunning(leaving);
            InstalledTriggers.await(stack.postgres(), database.name(), leaving, List.of("parcels"));
            database.execute("INSERT INTO parcels VALUES (3)");
            JsonNode next = reader.await(1).get(0).value();
            assertThat(next.get("event").asText()).isEqualTo("inserted");
            assertThat(next.get("key").get("id").asInt()).isEqualTo(3);
        }
    }

    /** The number of schemas, triggers and marked objects of the connector. */
    private int leftInTheDatabase(String leaving) throws Exception {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement("""
                        SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'leaving')
                             + (SELECT count(*) FROM pg_trigger WHERE starts_with(tgname, 'ectowatch.' || ? || '.'))
                             + (SELECT count(*) FROM pg_description WHERE strpos(description, ?) > 0)
                        """)) {
            statement.setString(1, leaving);
            statement.setString(2, '"' + leaving + '"');
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static Map<String, Object> map(JsonNode offset) {
        return new ObjectMapper().convertValue(offset, new TypeReference<>() {});
    }
}
