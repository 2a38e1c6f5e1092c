package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connector that Connect shows as RUNNING captures every change. */
@ExtendWith(StackExtension.class)
class RunningIT {

    private static final int CONNECTORS = 5;

    private final Stack stack;
    private final ConnectRest rest;
    private TestDatabase database;

    RunningIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        database = new TestDatabase(stack);
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aRowInsertedAfterRunningIsPublished(String delivery) throws Exception {
        List<String> topics = new ArrayList<>();
        for (int i = 0; i < CONNECTORS; i++) {
            database.execute("CREATE TABLE crates" + i + " (id int PRIMARY KEY)");
            topics.add(database.name() + ".crates" + i);
            rest.putConnector(database.connector("" + i), config(delivery, "crates" + i));
            insertOnceRunning(database.connector("" + i), "crates" + i);
        }
        assertArrive(topics);
    }

    @Test
    void aHeartbeatSaysThatTheChangesBeforeItHaveArrived() throws Exception {
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)");
        Map<String, String> config = config("durable", "crates");
        config.put("heartbeat.interval.ms", "200");
        rest.putConnector(database.connector("a"), config);
        insertOnceRunning(database.connector("a"), "crates");
        ReceivedRecord row;
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            row = reader.await(record -> isInserted(record, 1));
        }

        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".heartbeat")) {
            ReceivedRecord heartbeat =
                    reader.await(record -> record.value().get("resolved").asLong()
                            >= row.value().get("at").asLong());
            assertThat(heartbeat.key().get("connector").asText()).isEqualTo(database.connector("a"));
            assertThat(heartbeat.value().get("at").asLong())
                    .isGreaterThanOrEqualTo(heartbeat.value().get("resolved").asLong());
        }
    }

    /** Stops the connector before, because Connect can still show the state of the earlier task. */
    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void aRowInsertedAfterARestartOrInAnAddedTableIsPublished(String delivery) throws Exception {
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)", "CREATE TABLE barrels (id int PRIMARY KEY)");
        String connector = database.connector("a");
        rest.putConnector(connector, config(delivery, "crates"));
        insertOnceRunning(connector, "crates");
        assertArrive(List.of(database.name() + ".crates"));

        stop(connector);
        rest.putConnector(connector, config(delivery, "crates, barrels"));
        rest.resume(connector);
        insertOnceRunning(connector, "barrels");
        assertArrive(List.of(database.name() + ".barrels"));

        stop(connector);
        database.execute("TRUNCATE crates, barrels");
        rest.resume(connector);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".barrels")) {
            rest.waitUntilRunning(connector);
            database.execute("INSERT INTO barrels VALUES (2)");
            reader.await(record -> isInserted(record, 2));
        }
    }

    private void stop(String connector) {
        rest.stop(connector);
        rest.waitUntil(connector, "STOPPED");
    }

    private void insertOnceRunning(String connector, String table) throws SQLException {
        rest.waitUntilRunning(connector);
        database.execute("INSERT INTO " + table + " VALUES (1)");
    }

    private void assertArrive(List<String> topics) {
        for (String topic : topics) {
            try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
                assertThat(reader.await(record -> isInserted(record, 1))).isNotNull();
            }
        }
    }

    private static boolean isInserted(ReceivedRecord record, int id) {
        return record.value().get("event").asText().equals("inserted")
                && record.key().get("id").asInt() == id;
    }

    private Map<String, String> config(String delivery, String tables) {
        Map<String, String> config = database.watching(tables);
        config.put("delivery.mode", delivery);
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        return config;
    }
}
