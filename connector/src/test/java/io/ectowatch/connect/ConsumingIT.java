package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.wiring.Components;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What consuming.md shows: its records are those that the connector publishes, and its consumer works with them. */
class ConsumingIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PAGE = Path.of("docs/consuming.md");
    private static final Path CONSUMER = Path.of("src/test/java/io/ectowatch/connect/UsersCopy.java");
    private static final Pattern LINE = Pattern.compile("(?m)^(ectowatch\\S+) (\\S+) (\\{\"id\":\"\\S+)$");
    private static final String[] SETTINGS = {"tables=users", "events=inserted,updated,deleted,truncated"};

    @NewDatabase
    private TestDatabase database;

    private final Map<Boolean, JsonConverter> converters = new HashMap<>();

    @BeforeEach
    void users() throws Exception {
        database.execute("CREATE TABLE users (id bigint PRIMARY KEY, email text)");
        for (boolean key : new boolean[] {true, false}) {
            JsonConverter converter = new JsonConverter();
            converter.configure(Map.of("schemas.enable", false), key);
            converters.put(key, converter);
        }
    }

    @Test
    void theDocumentedRecordsAreThoseOfTheConnector() throws Exception {
        try (Watching watching = Watching.start(database, SETTINGS)) {
            changeUsers();
            Map<String, ConsumerRecord<String, String>> published = new TreeMap<>();
            take(watching, 5, record -> published.putIfAbsent(record.topic(), record));

            Map<String, ConsumerRecord<String, String>> documented = new TreeMap<>();
            documented().forEach(record -> documented.put(record.topic(), record));
            assertThat(documented).hasSize(5);
            assertThat(published).containsOnlyKeys(documented.keySet());
            for (String topic : documented.keySet()) {
                assertThat(documented.get(topic).key())
                        .isEqualTo(published.get(topic).key());
                assertThat(constant(documented.get(topic).value()))
                        .as(topic)
                        .isEqualTo(constant(published.get(topic).value()));
            }
        }
    }

    @Test
    void theDocumentedConsumerKeepsItsCopyAlsoIfRecordsArriveTwice() throws Exception {
        try (Watching watching = Watching.start(database, SETTINGS);
                Connection connection = database.connect()) {
            UsersCopy copy = new UsersCopy(connection);
            copy.readAll();
            changeUsers();
            database.execute(
                    "INSERT INTO users SELECT n, 'a' || n FROM generate_series(1, 20) AS n",
                    "UPDATE users SET email = 'b' || id WHERE id > 10",
                    "DELETE FROM users WHERE id % 3 = 0");
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            take(watching, 41, records::add);
            for (ConsumerRecord<String, String> record : records) {
                copy.accept(record);
                copy.accept(record);
            }

            assertThat(copy.emails()).hasSize(14).containsEntry(11L, "b11").doesNotContainKey(12L);
            for (ConsumerRecord<String, String> record : documented()) {
                copy.accept(record);
            }
            assertThat(copy.emails()).hasSize(14);
        }
    }

    @Test
    void theConsumerInThePageIsTheOneThatIsTested() throws IOException {
        String tested = Files.readString(CONSUMER);
        String code = tested.substring(tested.indexOf("/** Keeps a copy")).strip();

        assertThat(Files.readString(PAGE)).contains("```java\n" + code + "\n```");
    }

    /** One change of each kind, and a loss. */
    private void changeUsers() throws Exception {
        database.execute(
                "INSERT INTO users VALUES (7, 'ann')",
                "UPDATE users SET email = 'bob'",
                "DELETE FROM users",
                "TRUNCATE users",
                "SELECT setval('ectowatch.\"shop.lost\"', (extract(epoch FROM clock_timestamp()) * 1000000)::int8)");
    }

    private interface Taker {
        void take(ConsumerRecord<String, String> record);
    }

    /** Takes records until so many have come that are no repeated resync. */
    private void take(Watching watching, int count, Taker taker) {
        List<Change> changes = watching.changes(
                all -> all.stream().filter(change -> change.event().watchable()).count() >= count - 1
                        && all.stream().anyMatch(change -> !change.event().watchable()));
        for (Change change : changes) {
            List<SourceRecord> records = new ArrayList<>();
            new RecordFactory(change.table(), Components.recordStyle(Watching.config(database, SETTINGS)))
                    .append(change, Map.of(), Map.of(), records);
            records.forEach(record -> taker.take(new ConsumerRecord<>(
                    record.topic(),
                    0,
                    0,
                    text(true, record.keySchema(), record.key()),
                    text(false, record.valueSchema(), record.value()))));
        }
    }

    private String text(boolean key, Schema schema, Object value) {
        byte[] bytes = converters.get(key).fromConnectData("t", schema, value);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** Without what differs for each change. */
    private static JsonNode constant(String value) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(value);
        assertThat(node.get("id").isTextual()).isTrue();
        assertThat(node.get("at").isIntegralNumber()).isTrue();
        boolean resync = node.get("event").asText().equals("resync");
        assertThat(node.get("txid").asLong() == 0).isEqualTo(resync);
        node.remove(List.of("id", "at", "txid"));
        return node;
    }

    private static List<ConsumerRecord<String, String>> documented() throws IOException {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        Matcher line = LINE.matcher(Files.readString(PAGE));
        while (line.find()) {
            String key = line.group(2).equals("null") ? null : line.group(2);
            records.add(new ConsumerRecord<>(line.group(1), 0, 0, key, line.group(3)));
        }
        return records;
    }
}
