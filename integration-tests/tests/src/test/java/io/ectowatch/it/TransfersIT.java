package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * With {@code transaction.boundary=connector}, a consumer that reads with {@code read_committed} never sees half of a database
 * transaction: whenever it has read up to the last stable offset, the accounts have the same total.
 */
@ExtendWith(StackExtension.class)
class TransfersIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ACCOUNTS = 10;
    private static final int TOTAL = ACCOUNTS * 1_000;

    private final Stack stack;
    private final AtomicInteger transfers = new AtomicInteger();
    /** Held by a writer during a transaction. */
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);

    private volatile boolean writing = true;
    private volatile boolean reading = true;
    private final AtomicInteger looks = new AtomicInteger();
    private volatile Map<Integer, Integer> balances = Map.of();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    TransfersIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void aConsumerNeverSeesHalfOfATransferDespiteFailures() throws Exception {
        stack.connect().restartWithExactlyOnce(true);
        try (TestDatabase database = new TestDatabase(stack)) {
            database.execute("CREATE TABLE accounts (id int PRIMARY KEY, balance int)");
            Map<String, String> config = database.watching("accounts");
            config.put("topic.prefix", database.name());
            config.put("topic.format", "${prefix}.${table}");
            config.remove("tables");
            config.put("watchers", "accounts");
            config.put("watchers.accounts.table", "accounts");
            config.put("watchers.accounts.extra.columns", "balance");
            config.put("exactly.once.support", "required");
            config.put("transaction.boundary", "connector");
            // Many polls end between the two changes of a transfer.
            config.put("batch.max.records", "25");
            stack.connect().rest().putConnector(database.connector("transfers"), config);
            stack.connect().rest().waitUntilRunning(database.connector("transfers"));
            InstalledTriggers.await(
                    stack.postgres(), database.name(), database.connector("transfers"), List.of("accounts"));
            database.execute("INSERT INTO accounts SELECT g, 1000 FROM generate_series(1, " + ACCOUNTS + ") g");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Random random = new Random(i);
                threads.add(new Thread(() -> write(database, random), "writer-" + i));
            }
            Thread consumer = new Thread(() -> read(database.name() + ".accounts"), "consumer");
            threads.forEach(Thread::start);
            consumer.start();
            try {
                injectFaults(database);
            } finally {
                writing = false;
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            await().atMost(Duration.ofMinutes(4)).until(() -> !wrong.isEmpty() || balances.equals(balances(database)));
            reading = false;
            consumer.join();
            System.out.println("transfers: " + transfers + ", looks of the consumer: " + looks);

            assertThat(wrong).isEmpty();
            assertThat(looks).hasValueGreaterThan(2);
        } finally {
            reading = false;
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void injectFaults(TestDatabase database) throws Exception {
        String connector = database.connector("transfers");
        awaitTransfers(100);
        database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ectowatch %'");
        awaitTransfers(50);
        stack.connect().rest().restart(connector);
        stack.connect().rest().waitUntilRunning(connector);
        awaitTransfers(50);
        stack.connect().killHard();
        awaitTransfers(100);
        // What waits for the worker stays small, also if the worker takes long to start.
        Lock stopped = gate.writeLock();
        stopped.lock();
        try {
            stack.connect().start();
            stack.connect().rest().waitUntilRunning(connector);
        } finally {
            stopped.unlock();
        }
        awaitTransfers(50);
    }

    private void awaitTransfers(int more) {
        int before = transfers.get();
        await().atMost(Duration.ofMinutes(4)).until(() -> transfers.get() >= before + more);
    }

    private void write(TestDatabase database, Random random) {
        while (writing) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing) {
                    gate.readLock().lock();
                    try {
                        transfer(statement, random);
                        connection.commit();
                    } finally {
                        gate.readLock().unlock();
                    }
                    transfers.incrementAndGet();
                    Thread.sleep(random.nextInt(10));
                }
            } catch (SQLException e) {
                Thread.onSpinWait(); // a deadlock ends the transaction only
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void transfer(Statement statement, Random random) throws SQLException {
        int amount = random.nextInt(100);
        statement.execute(
                "UPDATE accounts SET balance = balance - " + amount + " WHERE id = " + (1 + random.nextInt(ACCOUNTS)));
        statement.execute(
                "UPDATE accounts SET balance = balance + " + amount + " WHERE id = " + (1 + random.nextInt(ACCOUNTS)));
    }

    /** Reads up to the last stable offset, again and again, and adds up the balances there. */
    private void read(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", stack.kafka().bootstrapServers(),
                        "auto.offset.reset", "earliest",
                        "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            Deque<ConsumerRecord<byte[], byte[]>> received = new ArrayDeque<>();
            Map<Integer, Integer> copy = new HashMap<>();
            while (reading) {
                long stable = consumer.endOffsets(List.of(partition)).get(partition);
                while (reading && consumer.position(partition) < stable) {
                    consumer.poll(Duration.ofMillis(100)).forEach(received::add);
                }
                while (!received.isEmpty() && received.getFirst().offset() < stable) {
                    apply(received.removeFirst(), copy);
                }
                int total = copy.values().stream().mapToInt(Integer::intValue).sum();
                if (reading && total != TOTAL && !copy.isEmpty()) {
                    wrong.add("at the stable offset " + stable + " the total is " + total);
                    return;
                }
                balances = Map.copyOf(copy);
                looks.incrementAndGet();
                consumer.poll(Duration.ofMillis(5)).forEach(received::add);
            }
        } catch (Exception | AssertionError e) {
            wrong.add(e.toString());
        }
    }

    private static void apply(ConsumerRecord<byte[], byte[]> record, Map<Integer, Integer> copy) throws Exception {
        JsonNode value = JSON.readTree(record.value());
        assertThat(value.get("event").asText()).isIn("inserted", "updated");
        copy.put(
                JSON.readTree(record.key()).get("id").asInt(),
                value.get("values").get("balance").asInt());
    }

    private static Map<Integer, Integer> balances(TestDatabase database) throws SQLException {
        Map<Integer, Integer> balances = new HashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, balance FROM accounts")) {
            while (row.next()) {
                balances.put(row.getInt(1), row.getInt(2));
            }
        }
        return balances;
    }
}
