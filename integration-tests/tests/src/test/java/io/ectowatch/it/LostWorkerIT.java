package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ectowatch.testkit.ConnectWorker;
import io.ectowatch.testkit.ConnectorStatus.Part;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Failover to the second worker of the group. */
@ExtendWith(StackExtension.class)
class LostWorkerIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Stack stack;
    private final AtomicBoolean writing = new AtomicBoolean(true);

    /** The writer commits the ids from 1 to this one, each in its own transaction. */
    private final AtomicInteger committed = new AtomicInteger();

    private TestDatabase database;
    /** The killed worker, or null. */
    private ConnectWorker killed;

    LostWorkerIT(Stack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        assumeTrue(stack.workers().size() > 1, "this stack has only one worker");
        database = new TestDatabase(stack);
    }

    @AfterEach
    void startTheKilledWorker() {
        if (killed != null) {
            killed.start();
        }
        if (database != null) {
            database.close();
        }
    }

    @Test
    void noChangeIsLostWhenAnotherWorkerTakesOver() throws Exception {
        database.execute("CREATE TABLE entries (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("entries");
        config.put("delivery.mode", "durable");
        config.put("topic.prefix", database.name());
        database.createConnector("moving", config);
        Thread writer = new Thread(this::write, "writer");
        writer.start();
        awaitCommitted(200);

        String lost = task(stack.connect()).workerId();
        killed = workerOf(lost, true);
        killed.killHard();
        ConnectWorker survivor = workerOf(lost, false);
        await().atMost(TIMEOUT).until(() -> {
            // For a while, the other worker still reports the status from before the kill.
            Part task = task(survivor);
            return task.workerId().equals(survivor.id()) && task.state().equals("RUNNING");
        });
        awaitCommitted(committed.get() + 200);
        writing.set(false);
        writer.join();

        assertThat(missing()).isEmpty();
    }

    private ConnectWorker workerOf(String id, boolean itself) {
        return stack.workers().stream()
                .filter(worker -> worker.id().equals(id) == itself)
                .findFirst()
                .orElseThrow();
    }

    private Part task(ConnectWorker toldBy) {
        return toldBy.rest().status(database.connector("moving")).tasks().get(0);
    }

    private void write() {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            while (writing.get()) {
                statement.execute("INSERT INTO entries VALUES (" + (committed.get() + 1) + ")");
                committed.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("this test does not affect the database", e);
        }
    }

    private void awaitCommitted(int count) {
        await().atMost(TIMEOUT).until(() -> committed.get() >= count);
    }

    /** The committed ids without a record. */
    private Set<Integer> missing() {
        Set<Integer> missing = new HashSet<>();
        for (int id = 1; id <= committed.get(); id++) {
            missing.add(id);
        }
        int count = missing.size();
        int records = 0;
        try (TopicReader reader =
                TopicReader.of(stack.kafka().bootstrapServers(), database.name() + ".entries.inserted")) {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (!missing.isEmpty() && System.nanoTime() - deadline < 0) {
                for (ReceivedRecord record : reader.poll(Duration.ofMillis(200))) {
                    records++;
                    missing.remove(record.key().get("id").asInt());
                }
            }
        }
        System.out.println("failover: " + count + " committed changes, " + records + " records");
        return missing;
    }
}
