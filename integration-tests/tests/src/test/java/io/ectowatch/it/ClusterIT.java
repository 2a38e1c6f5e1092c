package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectWorker;
import io.ectowatch.testkit.KafkaBroker;
import io.ectowatch.testkit.Stack;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three brokers with {@code min.insync.replicas=2} and two workers, restarted one by one while a {@link Ledger} is written. */
@ExtendWith(StackExtension.class)
@EnabledIfSystemProperty(named = "around.kafka", matches = "true", disabledReason = "the profile around-kafka runs it")
class ClusterIT {

    private final Stack stack;
    private final long seed = Long.getLong("ledger.seed", System.nanoTime());
    private TestDatabase database;

    ClusterIT(Stack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void createDatabase() throws Exception {
        System.out.println("ledger.seed=" + seed);
        database = new TestDatabase(stack);
    }

    @AfterEach
    void deleteConnectors() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noChangeIsLostWhileBrokersAreRestartedOneByOne(boolean exactlyOnce) throws Exception {
        assumeTrue(stack.brokers().size() > 2, "this stack has only one broker");
        run(exactlyOnce, ledger -> {
            for (KafkaBroker broker : stack.brokers()) {
                awaitAllReplicas();
                broker.shutDown();
                ledger.awaitChanges(100);
                broker.start();
            }
            for (KafkaBroker broker : stack.brokers()) {
                awaitAllReplicas();
                broker.kill();
                ledger.awaitChanges(100);
                broker.start();
            }
            awaitAllReplicas();
            // Too few for min.insync.replicas, and then for a quorum of controllers: Kafka accepts nothing for a while.
            List<KafkaBroker> two = stack.brokers().subList(1, 3);
            two.forEach(KafkaBroker::kill);
            ledger.awaitChanges(300);
            two.parallelStream().forEach(KafkaBroker::start);
            awaitAllReplicas();
            ledger.awaitChanges(100);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noChangeIsLostWhileWorkersLeaveJoinAndAreKilled(boolean exactlyOnce) throws Exception {
        assumeTrue(stack.workers().size() > 1, "this stack has only one worker");
        run(exactlyOnce, ledger -> {
            Set<String> carriers = new TreeSet<>();
            for (ConnectWorker worker : stack.workers()) {
                ConnectRest other = stack.workers().stream()
                        .filter(another -> another != worker)
                        .findFirst()
                        .orElseThrow()
                        .rest();
                worker.shutDown();
                carriers.add(awaitMovedFrom(worker, other));
                ledger.awaitChanges(100);
                worker.start();
                ledger.awaitChanges(100);
                worker.killHard();
                carriers.add(awaitMovedFrom(worker, other));
                ledger.awaitChanges(100);
                worker.start();
                // New connectors make the workers share their tasks again.
                addConnector();
                ledger.awaitChanges(100);
            }
            assertThat(carriers).as("each worker has had the task").hasSize(2);
        });
    }

    private interface Faults {
        void inject(Ledger ledger) throws Exception;
    }

    private void run(boolean exactlyOnce, Faults faults) throws Exception {
        stack.connect().restartWithExactlyOnce(exactlyOnce);
        try (Ledger ledger = new Ledger(stack, database, seed)) {
            Map<String, String> config = ledger.config();
            if (exactlyOnce) {
                config.put("exactly.once.support", "required");
            }
            database.createConnector("ledger", config);
            ledger.startWriters();
            ledger.awaitChanges(100);
            faults.inject(ledger);
            Ledger.Result result = ledger.compare();
            if (exactlyOnce) {
                assertThat(result.duplicates()).isZero();
            }
        } finally {
            database.close();
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    /** Of another table: triggers of a table are created only while no transaction holds it. */
    private void addConnector() throws Exception {
        database.execute("CREATE TABLE IF NOT EXISTS others (id int PRIMARY KEY)");
        Map<String, String> config = database.watching("others");
        int number = stack.connect().rest().connectors().size();
        config.put("topic.prefix", database.name() + "-more" + number);
        database.createConnector("more" + number, config);
    }

    /** Waits until another worker runs the task, and returns the id of that worker. */
    private String awaitMovedFrom(ConnectWorker worker, ConnectRest other) {
        String connector = database.connector("ledger");
        return await().atMost(Ledger.TIMEOUT)
                .ignoreExceptions()
                .until(
                        () -> {
                            String id = other.waitUntilRunning(connector)
                                    .tasks()
                                    .get(0)
                                    .workerId();
                            return id.equals(worker.id()) ? null : id;
                        },
                        id -> id != null);
    }

    /** Waits until all replicas are in sync, as one who restarts brokers one by one has to. */
    private void awaitAllReplicas() {
        try (Admin admin = Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers()))) {
            await().atMost(Ledger.TIMEOUT).ignoreExceptions().until(() -> {
                Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true))
                        .names()
                        .get();
                return admin.describeTopics(topics).allTopicNames().get().values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .allMatch(partition -> partition.leader() != null
                                && partition.isr().size()
                                        == partition.replicas().size());
            });
        }
    }
}
