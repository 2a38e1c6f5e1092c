package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that a transformation or a converter refuses: they stop no other record, and the journal is emptied. */
@ExtendWith(StackExtension.class)
@EnabledIfSystemProperty(named = "around.kafka", matches = "true", disabledReason = "the profile around-kafka runs it")
class SkippedRecordsIT {

    private static final int ROWS = 600;

    private final Stack stack;
    private final ConnectRest rest;
    private TestDatabase database;
    private Map<String, String> config;
    private String connector;

    SkippedRecordsIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void createTable() throws Exception {
        database = new TestDatabase(stack);
        database.execute("CREATE TABLE crates (id text PRIMARY KEY)");
        connector = database.connector("a");
        config = database.watching("crates");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        // It refuses the keys that are no numbers.
        config.put("transforms", "cast");
        config.put("transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Key");
        config.put("transforms.cast.spec", "id:int32");
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void recordsThatAreSkippedStopNoOthersAndTheJournalIsEmptied(boolean exactlyOnce) throws Exception {
        stack.connect().restartWithExactlyOnce(exactlyOnce);
        try {
            config.put("errors.tolerance", "all");
            if (exactlyOnce) {
                config.put("exactly.once.support", "required");
            }
            database.createConnector("a", config);
            insert(1, ROWS / 2);
            stack.connect().restart();
            rest.waitUntilRunning(connector);
            insert(ROWS / 2 + 1, ROWS);

            List<Integer> expected = IntStream.rangeClosed(1, ROWS)
                    .filter(id -> id % 3 != 0)
                    .boxed()
                    .toList();
            List<Integer> arrived = arrived(ROWS - 1);
            assertThat(exactlyOnce ? arrived : arrived.stream().distinct().toList())
                    .isEqualTo(expected);
            await().atMost(Duration.ofMinutes(4)).until(() -> database.journalIsEmpty("a"));
        } finally {
            database.close();
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    @Test
    void withoutToleranceTheTaskFailsAndContinuesWithTheSameRecord() throws Exception {
        database.createConnector("a", config);
        insert(1, 4);
        await().until(() -> rest.status(connector).anyFailed());
        assertThat(rest.status(connector).tasks().get(0).trace()).contains("Tolerance exceeded in error handler");

        config.remove("transforms");
        rest.putConnector(connector, config);
        insert(5, 5);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            List<String> ids = new ArrayList<>();
            while (!ids.contains("5")) {
                reader.await(1).forEach(record -> ids.add(record.key().get("id").asText()));
            }
            assertThat(ids.stream().distinct().toList()).containsExactly("1", "2", "crate 3", "4", "5");
        }
    }

    /** The converter refuses every record. */
    @Test
    void aConverterThatRefusesEveryRecordDoesNotKeepTheJournalFull() throws Exception {
        config.put("errors.tolerance", "all");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        database.createConnector("a", config);
        insert(1, ROWS);
        await().atMost(Duration.ofMinutes(4)).until(() -> database.journalIsEmpty("a"));

        config.remove("value.converter");
        rest.putConnector(connector, config);
        rest.waitUntilRunning(connector);
        insert(ROWS + 1, ROWS + 1);
        assertThat(arrived(ROWS + 1)).containsExactly(ROWS + 1);
    }

    /** Each row in its own transaction. Every third key is no number. */
    private void insert(int first, int last) throws SQLException {
        database.execute("DO $$ BEGIN FOR i IN " + first + ".." + last + " LOOP"
                + " INSERT INTO crates VALUES (CASE WHEN i % 3 = 0 THEN 'crate ' ELSE '' END || i); COMMIT;"
                + " END LOOP; END $$");
    }

    private List<Integer> arrived(int last) {
        List<Integer> arrived = new ArrayList<>();
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".crates")) {
            while (!arrived.contains(last)) {
                for (ReceivedRecord record : reader.await(1)) {
                    arrived.add(record.key().get("id").asInt());
                }
            }
        }
        return arrived;
    }
}
