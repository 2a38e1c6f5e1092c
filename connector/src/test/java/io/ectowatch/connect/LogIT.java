package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.testing.CapturedLog;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.ThreadContexts;
import io.ectowatch.connect.testing.Watching;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/** The log is for an operator: it names the connector, and has one line for what happens a thousand times. */
class LogIT {

    private static final int MANY = 1_000;

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void aTable() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"format('[\"LAYOUT\",\"i\",%s,1,0,[[\"poison\"', n)", "format('[\"LAYOUT\",\"g\",%s]', n)"})
    void aThousandPoisonNotificationsAreNotAThousandLines(String payload) throws Exception {
        try (CapturedLog log = new CapturedLog();
                Watching task = Watching.start(database, "tables=users", Watching.NOTIFY)) {
            String layout = task.source().tablesInUse().iterator().next().layout();
            database.execute("SELECT pg_notify('ectowatch.shop', " + payload.replace("LAYOUT", layout)
                    + ") FROM generate_series(1, " + MANY + ") AS n");
            task.changes(all -> all.stream()
                            .filter(change -> change.event() == Event.RESYNC)
                            .count()
                    >= MANY);

            // Each read of the catalog that follows may have lines of its own, and a slow machine a second line here.
            assertThat(log.text().lines().filter(line -> line.contains("public.users")))
                    .hasSizeBetween(1, 20);
        }
    }

    @Test
    void theLogWarnsOfASuperuserAndOfNoOtherRole() throws Exception {
        String role = database.role("connector");
        database.execute("CREATE SCHEMA ectowatch AUTHORIZATION " + role, "GRANT TRIGGER ON users TO " + role);
        // The log warns each connector of a worker once: no other test has one of this name.
        String name = "name=warned";
        try (CapturedLog log = new CapturedLog()) {
            Watching.start(database, name, "tables=users", "connection.user=" + role)
                    .close();
            assertThat(log.text()).doesNotContain("is a superuser");

            Watching.start(database, name, "tables=users", "database.schema=another")
                    .close();
            assertThat(log.text()).contains("Role postgres is a superuser");
        }
    }

    /** Kafka Connect puts the names of connector and task into the context of the thread that starts a task. */
    @ParameterizedTest
    @ValueSource(strings = {"durable", "notify"})
    void everyThreadOfATaskHasTheContextOfKafkaConnect(String delivery) throws Exception {
        try (ThreadContexts contexts = ThreadContexts.record()) {
            MDC.put("connector.context", "[shop|task-0] ");
            try (Watching task = Watching.start(
                    database, "tables=users", "delivery.mode=" + delivery, "table.poll.interval.ms=1000")) {
                await().until(() -> {
                    task.poll();
                    return contexts.byThread().keySet().stream()
                            .anyMatch(name -> name.startsWith("ectowatch-catalog-"));
                });
            }

            Map<String, Map<String, String>> byThread = contexts.byThread();
            assertThat(byThread.keySet())
                    .anyMatch(name -> name.matches("ectowatch-(journal|listener)-shop"))
                    .contains("ectowatch-install-shop", "ectowatch-catalog-shop");
            assertThat(byThread)
                    .allSatisfy((thread, context) ->
                            assertThat(context).as(thread).containsEntry("connector.context", "[shop|task-0] "));
        }
    }
}
