package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectorStatus;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A connector whose clients lack a privilege in Kafka: the status says which, or the journal keeps the changes; and when the
 * privilege was granted, nothing is missing.
 */
@ExtendWith(StackExtension.class)
@EnabledIfSystemProperty(named = "around.kafka", matches = "true", disabledReason = "the profile around-kafka runs it")
class AclIT {

    private final Stack stack;
    private final ConnectRest rest;
    private TestDatabase database;
    private Acls acls;
    private String connector;
    private String topic;
    private Map<String, String> config;

    AclIT(Stack stack) {
        this.stack = stack;
        this.rest = stack.connect().rest();
    }

    @BeforeEach
    void createTable() throws Exception {
        acls = new Acls(stack);
        database = new TestDatabase(stack);
        database.execute("CREATE TABLE crates (id int PRIMARY KEY)");
        connector = database.connector("a");
        topic = database.name() + ".crates";
        config = database.watching("crates");
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
    }

    @AfterEach
    void deleteConnectors() throws Exception {
        if (database != null) {
            database.close();
            acls.remove();
        }
    }

    @Test
    void withoutWriteOnATopicTheTaskFailsAndSaysWhichTopic() throws Exception {
        acls.logIn(config, "producer", "admin");
        database.createConnector("a", config);
        database.execute("INSERT INTO crates VALUES (1)");
        assertThat(awaitFailure()).contains("Not authorized to access topics: [" + topic + "]");

        acls.grant(ResourceType.TOPIC, topic, AclOperation.WRITE, AclOperation.CREATE);
        assertNothingIsMissing();
    }

    @Test
    void withoutCreateOnATopicTheTaskFailsAndSaysWhichTopic() throws Exception {
        acls.logIn(config, "producer", "admin");
        acls.grant(ResourceType.TOPIC, topic, AclOperation.WRITE);
        config.put("topic.creation.default.partitions", "1");
        config.put("topic.creation.default.replication.factor", "1");
        database.createConnector("a", config);
        database.execute("INSERT INTO crates VALUES (1)");
        assertThat(awaitFailure()).contains("Task failed to create new topic", topic, "authorized to create topics");

        acls.grant(ResourceType.TOPIC, topic, AclOperation.CREATE);
        assertNothingIsMissing();
    }

    @Test
    void withoutATransactionalIdTheTaskFailsAndSaysSo() throws Exception {
        stack.connect().restartWithExactlyOnce(true);
        try {
            acls.logIn(config, "producer");
            acls.grant(ResourceType.TOPIC, topic, AclOperation.WRITE, AclOperation.CREATE);
            acls.grant(ResourceType.TOPIC, "connect-offsets", AclOperation.WRITE, AclOperation.CREATE);
            config.put("exactly.once.support", "required");
            rest.putConnector(connector, config);
            assertThat(awaitFailure()).containsIgnoringCase("transactional id");

            // The worker's group, the connector and the number of the task.
            acls.grant(ResourceType.TRANSACTIONAL_ID, "connect-" + connector + "-0", AclOperation.WRITE);
            rest.restart(connector);
            awaitRunningAgain();
            try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
                database.execute("INSERT INTO crates VALUES (1)");
                reader.await(1);
                rest.stop(connector);
                rest.waitUntil(connector, "STOPPED");
                database.execute("INSERT INTO crates VALUES (2)");
                rest.resume(connector);
                assertThat(reader.await(1).get(0).key().get("id").asInt()).isEqualTo(2);
            }
        } finally {
            database.close();
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    /** The task runs, and its records arrive. A restarted task publishes them again, since no offset is stored. */
    @Test
    void withoutWriteOnTheOffsetsTopicTheJournalKeepsTheChanges() throws Exception {
        acls.logIn(config, "producer");
        acls.grant(ResourceType.TOPIC, topic, AclOperation.WRITE, AclOperation.CREATE);
        config.put("offsets.storage.topic", database.name() + "-offsets");
        database.createConnector("a", config);
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            database.execute("INSERT INTO crates VALUES (1)");
            reader.await(1);
            // Of many offset commits, none succeeds.
            await().during(Duration.ofSeconds(5))
                    .until(() -> rest.offsets(connector).get("offsets").isEmpty());
            assertThat(rest.status(connector).allIn("RUNNING")).isTrue();
            rest.restart(connector);
            assertThat(reader.await(1).get(0).key().get("id").asInt()).isEqualTo(1);

            acls.grant(ResourceType.TOPIC, database.name() + "-offsets", AclOperation.WRITE);
            database.execute("INSERT INTO crates VALUES (2)");
            reader.await(record -> record.key().get("id").asInt() == 2);
            await().until(() -> !rest.offsets(connector).get("offsets").isEmpty());
        }
    }

    private String awaitFailure() {
        return await().ignoreExceptions()
                .until(
                        () -> rest.status(connector),
                        status -> !status.tasks().isEmpty()
                                && status.tasks().get(0).state().equals("FAILED"))
                .tasks()
                .get(0)
                .trace();
    }

    private void awaitRunningAgain() {
        await().ignoreExceptions().until(() -> {
            ConnectorStatus status = rest.status(connector);
            return status.allIn("RUNNING");
        });
    }

    /** After a restart, the change that failed arrives, and one that was made meanwhile, in their order. */
    private void assertNothingIsMissing() throws Exception {
        database.execute("INSERT INTO crates VALUES (2)");
        rest.restart(connector);
        awaitRunningAgain();
        try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
            assertThat(reader.await(2))
                    .extracting(record -> record.key().get("id").asInt())
                    .containsExactly(1, 2);
        }
    }
}
