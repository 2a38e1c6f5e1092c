package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connector that keeps up empties the journal, also if the worker drops or does not confirm some of its records. */
@ExtendWith(StackExtension.class)
class EmptiedJournalIT {

    /** The journal does not reach this limit: the tests write less. */
    private static final long LIMIT = 4L << 20;

    /** Much less than the tests write. The active journal table stays; tables rotate at a sixteenth of the limit. */
    private static final long SMALL = LIMIT / 4;

    private final Stack stack;
    private boolean exactlyOnce;

    EmptiedJournalIT(Stack stack) {
        this.stack = stack;
    }

    @AfterEach
    void restoreTheWorker() throws Exception {
        if (exactlyOnce) {
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    /** The two resync records must not have equal offsets. A transformation drops the tombstones. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("The journal is emptied if two watchers of a table share the topic of their resync records")
    void theJournalIsEmptiedIfWatchersShareTheResyncTopic(boolean withExactlyOnce) throws Exception {
        exactlyOnce = withExactlyOnce;
        if (exactlyOnce) {
            stack.connect().restartWithExactlyOnce(true);
        }
        try (TestDatabase database = new TestDatabase(stack)) {
            database.execute("CREATE TABLE users (id int PRIMARY KEY, n int)");
            String topic = database.name() + ".users";
            Map<String, String> config = database.watching("users");
            config.remove("tables");
            config.put("watchers", "a,b");
            config.put("watchers.a.table", "users");
            config.put("watchers.a.events", "inserted,deleted");
            config.put("watchers.b.table", "users");
            config.put("watchers.b.events", "updated");
            config.put("journal.max.bytes", Long.toString(LIMIT));
            config.put("topic.prefix", database.name());
            config.put("topic.format", "${prefix}.${table}");
            config.put("tombstones", "true");
            config.put("transforms", "drop");
            config.put("transforms.drop.type", "org.apache.kafka.connect.transforms.Filter");
            config.put("transforms.drop.predicate", "tombstone");
            config.put("predicates", "tombstone");
            config.put("predicates.tombstone.type", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone");
            stack.connect().rest().putConnector(database.connector("two"), config);
            stack.connect().rest().waitUntilRunning(database.connector("two"));
            InstalledTriggers.await(stack.postgres(), database.name(), database.connector("two"), List.of("users"));

            try (TopicReader resyncs = TopicReader.of(stack.kafka().bootstrapServers(), topic + ".resync");
                    TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topic)) {
                database.execute("ALTER TABLE users DISABLE TRIGGER USER", "ALTER TABLE users ENABLE TRIGGER USER");
                Set<String> ids = new HashSet<>();
                resyncs.await(2)
                        .forEach(record -> ids.add(record.value().get("id").asText()));

                String change =
                        "INSERT INTO users VALUES (1, 0); UPDATE users SET n = 1; COMMIT; DELETE FROM users; COMMIT;";
                database.execute(
                        "DO $$ BEGIN FOR i IN 1..6250 LOOP " + change + " END LOOP; END $$",
                        "INSERT INTO users VALUES (9, 9)");
                reader.await(
                        record -> record.key() != null && record.key().get("id").asInt() == 9);
                await().until(() -> journalBytes(database) < SMALL);
                assertThat(ids).as("the ids differ").hasSize(2);
            }
        }
    }

    /** A worker with exactly-once support then has no transaction, and confirms no record: they are dropped, or fail. */
    @Test
    void theJournalIsEmptiedIfNoRecordPassesTheTransformations() throws Exception {
        exactlyOnce = true;
        stack.connect().restartWithExactlyOnce(true);
        try (TestDatabase database = new TestDatabase(stack)) {
            database.execute("CREATE TABLE users (id int PRIMARY KEY, name text)");
            List<String> connectors = List.of("poll", "interval", "connector", "failing");
            for (String connector : connectors) {
                Map<String, String> config = database.watching("users");
                config.remove("tables");
                config.put("watchers", "users");
                config.put("watchers.users.table", "users");
                config.put("watchers.users.extra.columns", "name");
                if (connector.equals("failing")) {
                    config.put("errors.tolerance", "all");
                    config.put("transforms", "cast");
                    config.put("transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Value");
                    config.put("transforms.cast.spec", "event:int32");
                } else {
                    config.put("transaction.boundary", connector);
                    config.put("transaction.boundary.interval.ms", "1000");
                    config.put("transforms", "drop");
                    config.put("transforms.drop.type", "org.apache.kafka.connect.transforms.Filter");
                }
                stack.connect().rest().putConnector(database.connector(connector), config);
            }
            for (String connector : connectors) {
                stack.connect().rest().waitUntilRunning(database.connector(connector));
                InstalledTriggers.await(
                        stack.postgres(), database.name(), database.connector(connector), List.of("users"));
            }
            database.execute(
                    "DO $$ BEGIN FOR i IN 1..5000 LOOP INSERT INTO users VALUES (i, repeat('x', 1000)); COMMIT;"
                            + " END LOOP; END $$");
            assertThat(number(database, "SELECT sum(pg_column_size(u)) FROM users u"))
                    .isGreaterThan(SMALL);
            await().atMost(Duration.ofMinutes(4)).until(() -> journalBytes(database) < SMALL);
        }
    }

    private static long journalBytes(TestDatabase database) throws SQLException {
        return number(
                database,
                "SELECT sum(pg_relation_size(oid))::int8 FROM pg_class WHERE relkind = 'r' AND relname LIKE '%.journal.%'");
    }

    private static long number(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
