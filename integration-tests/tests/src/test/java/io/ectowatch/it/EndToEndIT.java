package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * From a changed row to a record, with the packaged connector in a real worker. Each test has its own database and
 * topics.
 */
@ExtendWith(StackExtension.class)
class EndToEndIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Stack stack;
    private TestDatabase database;

    EndToEndIT(Stack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        database = new TestDatabase(stack);
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @Test
    void anInsertUpdateAndDeleteArePublishedWithThePrimaryKey() throws Exception {
        database.execute("CREATE TABLE parcels (id int PRIMARY KEY, weight int)");
        database.createConnector("a", database.watching("parcels"));

        database.execute(
                "INSERT INTO parcels VALUES (7, 1)",
                "UPDATE parcels SET weight = 2 WHERE id = 7",
                "DELETE FROM parcels WHERE id = 7");

        for (String event : List.of("inserted", "updated", "deleted")) {
            try (TopicReader reader = reader("ectowatch.parcels." + event)) {
                ReceivedRecord record = reader.await(1).get(0);
                assertThat(record.key()).isEqualTo(json("{'id':7}"));
                assertThat(record.value().get("event").asText()).isEqualTo(event);
                assertThat(record.value().get("key")).isEqualTo(record.key());
            }
        }
    }

    @Test
    @DisplayName("A value has the table, the key, the transaction ID and the time of the change")
    void aValueHasAllFields() throws Exception {
        database.execute("CREATE TABLE letters (id bigint PRIMARY KEY, body text)");
        database.createConnector("a", database.watching("letters"));

        long transaction;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO letters VALUES (9000000000, 'not published by default')");
            transaction = number(statement, "SELECT pg_current_xact_id()::text::bigint");
            connection.commit();
        }

        try (TopicReader reader = reader("ectowatch.letters.inserted")) {
            JsonNode value = reader.await(1).get(0).value();
            assertThat(value.get("id").asText()).isNotBlank();
            assertThat(value.get("at").asLong()).isCloseTo(System.currentTimeMillis(), within(60_000L));
            assertThat(value).isEqualTo(json("""
                            {'id': '%s', 'event': 'inserted', 'schema': 'public', 'table': 'letters', 'label': null,
                             'key': {'id': 9000000000}, 'values': null, 'txid': %d, 'at': %d}
                            """.formatted(
                    value.get("id").asText(), transaction, value.get("at").asLong())));
        }
    }

    /** The converter of headers is Connect's default. */
    @Test
    void aConsumerWithOpenTelemetryContinuesTheTraceOfTheTransaction() throws Exception {
        database.execute("CREATE TABLE payments (id int PRIMARY KEY)");
        Map<String, String> config = new HashMap<>(database.watching("payments"));
        config.put("context.allowed", "true");
        config.put("actor", "true");
        database.createConnector("a", config);
        String traceId = "0af7651916cd43dd8448eb211c80319c";
        String spanId = "b7ad6b7169203331";
        database.execute("BEGIN; SET LOCAL ectowatch.context = '{\"by\": \"Zoë \\\\ 語\"}';"
                + " SET LOCAL ectowatch.traceparent = '00-" + traceId + "-" + spanId + "-01';"
                + " INSERT INTO payments VALUES (7); COMMIT");

        ReceivedRecord record;
        try (TopicReader reader = reader("ectowatch.payments.inserted")) {
            record = reader.await(1).get(0);
        }

        assertThat(record.headers())
                .containsEntry("ectowatch.context", "{\"by\": \"Zoë \\\\ 語\"}")
                .containsEntry("ectowatch.session.user", stack.postgres().user())
                .doesNotContainKey("ectowatch.context.left.out");
        Context parent =
                W3CTraceContextPropagator.getInstance().extract(Context.root(), record.headers(), new HeaderGetter());
        try (SdkTracerProvider provider = SdkTracerProvider.builder().build()) {
            Span span = provider.get("consumer")
                    .spanBuilder("payments inserted")
                    .setParent(parent)
                    .startSpan();
            span.end();
            assertThat(span.getSpanContext().getTraceId()).isEqualTo(traceId);
            assertThat(span.getSpanContext().isSampled()).isTrue();
            assertThat(((ReadableSpan) span).getParentSpanContext().getSpanId()).isEqualTo(spanId);
            assertThat(((ReadableSpan) span).getParentSpanContext().isRemote()).isTrue();
        }
    }

    private static final class HeaderGetter implements TextMapGetter<Map<String, String>> {

        @Override
        public Iterable<String> keys(Map<String, String> headers) {
            return headers.keySet();
        }

        @Override
        public String get(Map<String, String> headers, String name) {
            return headers == null ? null : headers.get(name);
        }
    }

    /** By default, a broker rejects a record whose timestamp is more than an hour ahead of its clock. */
    @Test
    void changesArePublishedIfTheDatabaseClockIsAhead() throws Exception {
        database.execute("CREATE TABLE early_birds (id int PRIMARY KEY)");
        database.createConnector("a", database.watching("early_birds"));
        try (TopicReader reader = reader("ectowatch.early_birds.inserted")) {
            // The connector refuses altered journal tables when it reads the catalog again, as it does after
            // installing.
            database.execute("INSERT INTO early_birds VALUES (0)");
            reader.await(1);
            // The triggers now write what they would write on a server whose clock is two days ahead.
            database.execute(
                    "DO $$ BEGIN FOR n IN 0..2 LOOP EXECUTE format('ALTER TABLE ectowatch.%I ALTER COLUMN at SET DEFAULT"
                            + " clock_timestamp() + interval $i$2 days$i$', '" + database.connector("a")
                            + ".journal.' || n); END LOOP; END $$",
                    "INSERT INTO early_birds VALUES (1)");

            assertThat(reader.await(1).get(0).value().get("at").asLong())
                    .isGreaterThan(System.currentTimeMillis() + 24L * 3_600_000);
        }
    }

    @Test
    void aKeyOfTwoColumnsHasBothWithTheirTypes() throws Exception {
        database.execute("CREATE TABLE shelf_places (shelf text, place int, PRIMARY KEY (place, shelf))");
        database.createConnector("a", database.watching("shelf_places"));

        database.execute("INSERT INTO shelf_places VALUES ('north', 3)");

        try (TopicReader reader = reader("ectowatch.shelf_places.inserted")) {
            assertThat(reader.await(1).get(0).key()).isEqualTo(json("{'place':3,'shelf':'north'}"));
        }
    }

    @Test
    @DisplayName("A table can have any name; its topic has the characters that Kafka allows")
    void aTableCanHaveAnyName() throws Exception {
        String table = "\"Größe in \"\"Zoll\"\"\"";
        database.execute("CREATE TABLE " + table + " (\"Id\" int PRIMARY KEY)");
        database.createConnector("a", database.watching(table));

        database.execute("INSERT INTO " + table + " VALUES (1)");

        try (TopicReader reader = reader("ectowatch.Gr__e_in__Zoll_.inserted")) {
            ReceivedRecord record = reader.await(1).get(0);
            assertThat(record.key()).isEqualTo(json("{'Id':1}"));
            assertThat(record.value().get("table").asText()).isEqualTo("Größe in \"Zoll\"");
        }
    }

    @Test
    void everyRowOfAStatementIsPublished() throws Exception {
        database.execute("CREATE TABLE stamps (id int PRIMARY KEY)");
        database.createConnector("a", database.watching("stamps"));

        database.execute("INSERT INTO stamps SELECT generate_series(1, 5000)");

        try (TopicReader reader = reader("ectowatch.stamps.inserted")) {
            assertThat(reader.await(5000))
                    .extracting(record -> record.key().get("id").asInt())
                    .doesNotHaveDuplicates()
                    .contains(1, 5000);
        }
    }

    @Test
    void aRolledBackChangeIsNotPublished() throws Exception {
        database.execute("CREATE TABLE drafts (id int PRIMARY KEY)");
        database.createConnector("a", database.watching("drafts"));

        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO drafts VALUES (1)");
            connection.rollback();
            statement.execute("INSERT INTO drafts VALUES (2)");
            connection.commit();
        }

        try (TopicReader reader = reader("ectowatch.drafts.inserted")) {
            assertThat(reader.await(1).get(0).key()).isEqualTo(json("{'id':2}"));
        }
    }

    @Test
    void twoConnectorsCanWatchOneTable() throws Exception {
        database.execute("CREATE TABLE bells (id int PRIMARY KEY)");
        for (String name : List.of("left", "right")) {
            Map<String, String> config = database.watching("bells");
            config.put("topic.prefix", name);
            database.createConnector(name, config);
        }

        database.execute("INSERT INTO bells VALUES (1)");

        for (String name : List.of("left", "right")) {
            try (TopicReader reader = reader(name + ".bells.inserted")) {
                assertThat(reader.await(1).get(0).key()).isEqualTo(json("{'id':1}"));
            }
        }
    }

    @Test
    void deletingAConnectorDoesNotAffectTheTableOrAnotherConnector() throws Exception {
        database.execute("CREATE TABLE doors (id int PRIMARY KEY)");
        for (String name : List.of("leaving", "staying")) {
            Map<String, String> config = database.watching("doors");
            config.put("topic.prefix", name);
            database.createConnector(name, config);
        }
        stack.connect().rest().delete(database.connector("leaving"));
        assertThat(stack.connect().rest().connectors()).doesNotContain(database.connector("leaving"));

        database.execute("INSERT INTO doors VALUES (1)");

        try (TopicReader reader = reader("staying.doors.inserted")) {
            assertThat(reader.await(1).get(0).key()).isEqualTo(json("{'id':1}"));
        }
    }

    @Test
    void changesWhilePausedArriveAfterResuming() throws Exception {
        database.execute("CREATE TABLE clocks (id int PRIMARY KEY)");
        database.createConnector("a", database.watching("clocks"));
        ConnectRest rest = stack.connect().rest();

        rest.pause(database.connector("a"));
        rest.waitUntil(database.connector("a"), "PAUSED");
        database.execute("INSERT INTO clocks VALUES (1)");
        rest.resume(database.connector("a"));
        rest.waitUntilRunning(database.connector("a"));
        database.execute("INSERT INTO clocks VALUES (2)");

        try (TopicReader reader = reader("ectowatch.clocks.inserted")) {
            assertThat(reader.await(2))
                    .extracting(ReceivedRecord::key)
                    .containsExactly(json("{'id':1}"), json("{'id':2}"));
        }
    }

    @Test
    void aLostConnectionCausesOneResyncPerWatcher() throws Exception {
        database.execute("CREATE TABLE gates (id int PRIMARY KEY)", "CREATE TABLE fences (id int PRIMARY KEY)");
        database.createConnector("a", notified("gates, fences"));
        try (TopicReader gates = reader("ectowatch.gates.resync");
                TopicReader fences = reader("ectowatch.fences.resync")) {
            terminateOtherSessions();

            for (TopicReader reader : List.of(gates, fences)) {
                ReceivedRecord resync = reader.await(1).get(0);
                assertThat(resync.key()).isNull();
                assertThat(resync.value().get("event").asText()).isEqualTo("resync");
                assertThat(resync.value().get("key").isNull()).isTrue();
            }
        }
        aChangeOf("gates");
        aChangeOf("fences");
    }

    @ParameterizedTest
    @EnumSource(StopMode.class)
    void aRestartOfTheServerCausesAResync(StopMode mode) throws Exception {
        String table = "lamps_" + mode.name().toLowerCase(Locale.ROOT);
        database.execute("CREATE TABLE " + table + " (id int PRIMARY KEY)");
        database.createConnector("a", notified(table));
        try (TopicReader reader = reader("ectowatch." + table + ".resync")) {
            stack.postgres().restart(mode);

            assertThat(reader.await(1).get(0).value().get("table").asText()).isEqualTo(table);
        }
        aChangeOf(table);
    }

    @Test
    void aRestartOfAKilledWorkerCausesAResync() throws Exception {
        database.execute("CREATE TABLE cranes (id int PRIMARY KEY)");
        database.createConnector("a", notified("cranes"));

        stack.connect().restart();

        try (TopicReader reader = reader("ectowatch.cranes.resync")) {
            assertThat(reader.await(1).get(0).value().get("table").asText()).isEqualTo("cranes");
        }
        aChangeOf("cranes");
    }

    /** In notify delivery: notifications are lost while no task listens. */
    private Map<String, String> notified(String tables) {
        Map<String, String> config = database.watching(tables);
        config.put("delivery.mode", "notify");
        return config;
    }

    private void aChangeOf(String table) throws Exception {
        database.execute("INSERT INTO " + table + " VALUES (1)");
        try (TopicReader reader = reader("ectowatch." + table + ".inserted")) {
            assertThat(reader.await(1).get(0).key()).isEqualTo(json("{'id':1}"));
        }
    }

    private void terminateOtherSessions() throws SQLException {
        database.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """);
    }

    private TopicReader reader(String topic) {
        return TopicReader.of(stack.kafka().bootstrapServers(), topic);
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    /** Parses JSON that has single quotes in place of double quotes. */
    private static JsonNode json(String text) throws JsonProcessingException {
        return JSON.readTree(text.replace('\'', '"'));
    }
}
