package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Backfills on an exactly-once worker, while writers change the tables and the test kills the worker and the database. Two
 * copies that are made only from records agree with their tables at the end: that of {@code items}, of which each record must
 * also agree with the records before it, and that of {@code stock}, of which some changes are made without triggers, so that
 * a resync and another backfill follow. No record arrives twice, and no backfill leaves out a row.
 *
 * <p>{@code -Dledger.seed} repeats the random choices of a run. {@code -Dledger.rounds} sets the number of times that
 * each fault is injected.
 */
@ExtendWith(StackExtension.class)
class BackfillLedgerIT {

    /** While the writers run, so many backfills that were called have not ended. */
    private static final int CALLED = 2;

    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private final Stack stack;
    private final long seed = Long.getLong("ledger.seed", System.nanoTime());
    private final int rounds = Integer.getInteger("ledger.rounds", 1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** The ids of backfills that have ended, as a consumer sees it. */
    private final Set<String> ended = ConcurrentHashMap.newKeySet();

    /** The threads that go on until the test ends them, unless they fail. */
    private final List<Future<?>> running = new CopyOnWriteArrayList<>();

    private Map<String, PublishedTable> published = Map.of();

    BackfillLedgerIT(Stack stack) {
        this.stack = stack;
    }

    @Test
    void copiesMadeFromRecordsAloneAgreeWithTheTables() throws Exception {
        System.out.println("ledger.seed=" + seed);
        stack.connect().restartWithExactlyOnce(true);
        try (TestDatabase database = new TestDatabase(stack);
                BackfillLedgerWriters writers =
                        new BackfillLedgerWriters(database, database.connector("ledger"), seed, CALLED, ended)) {
            BackfillLedger ledger = new BackfillLedger(database);
            ledger.createTables();
            createConnector(database);
            PublishedTable items = new PublishedTable("items", ledger::isOfWholeTable, BackfillLedger.initial());
            PublishedTable stock = new PublishedTable("stock", ledger::isOfWholeTable, null);
            published = Map.of("items", items, "stock", stock);
            Future<?> consumer = threads.submit(consuming(database, published));
            running.add(consumer);
            List<Future<?>> writing = writers.start(threads);
            running.addAll(writing);
            injectFaults(database, ledger);
            running.removeAll(writing);
            writers.stop();
            for (Future<?> writer : writing) {
                writer.get();
            }
            List<String> called = ledger.called();
            awaitThat(() -> ended.containsAll(called));
            ledger.loseChanges();
            // Nobody has called the backfill that makes it agree again.
            awaitThat(() -> stock.copy().equals(ledger.rows("stock")));
            ledger.writeLast();
            consumer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            System.out.println("ledger: " + items + "; " + stock);
            items.assertAgrees(ledger.changes(), ledger.rows("items"));
            stock.assertAgrees(null, ledger.rows("stock"));
            assertThat(stock.resyncs()).isGreaterThanOrEqualTo(rounds);
        } finally {
            threads.shutdownNow();
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void createConnector(TestDatabase database) {
        Map<String, String> config = database.watching("");
        config.remove("tables");
        config.put("watchers", "items, stock");
        for (String table : List.of("items", "stock")) {
            config.put("watchers." + table + ".table", table);
            config.put("watchers." + table + ".extra.columns", "n");
        }
        config.put("topic.prefix", database.name());
        config.put("topic.format", "${prefix}.${table}");
        config.put("exactly.once.support", "required");
        config.put("backfill", "new,resync");
        String connector = database.connector("ledger");
        stack.connect().rest().putConnector(connector, config);
        stack.connect().rest().waitUntilRunning(connector);
        InstalledTriggers.await(stack.postgres(), database.name(), connector, List.of("items", "stock"));
    }

    private Callable<Void> consuming(TestDatabase database, Map<String, PublishedTable> tables) {
        return () -> {
            String prefix = database.name() + ".";
            String[] topics =
                    tables.keySet().stream().map(table -> prefix + table).toArray(String[]::new);
            try (TopicReader reader = TopicReader.of(stack.kafka().bootstrapServers(), topics)) {
                int open = tables.size();
                while (open > 0) {
                    for (ReceivedRecord record : reader.poll(Duration.ofMillis(200))) {
                        PublishedTable table = tables.get(record.topic().substring(prefix.length()));
                        table.apply(record);
                        ended.addAll(table.ends().keySet());
                        if (record.key() != null && record.key().get("id").asInt() == BackfillLedger.LAST) {
                            open--;
                        }
                    }
                }
            }
            return null;
        };
    }

    /** A failure, and the condition under which its consequences have been seen. */
    private interface Fault {
        Callable<Boolean> inject() throws Exception;
    }

    private void injectFaults(TestDatabase database, BackfillLedger ledger) throws Exception {
        String connector = database.connector("ledger");
        List<Fault> faults = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            faults.add(() -> after(() -> killTheWorker(connector)));
            faults.add(() -> after(() -> stack.postgres().restart(StopMode.IMMEDIATE)));
            faults.add(() -> after(() -> database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE application_name LIKE 'ectowatch %'")));
            faults.add(() -> after(() -> stack.connect().rest().restart(connector)));
            faults.add(() -> {
                int before = published.get("stock").resyncs();
                ledger.loseChanges();
                return () -> published.get("stock").resyncs() > before;
            });
        }
        Collections.shuffle(faults, new Random(seed));
        for (Fault fault : faults) {
            long lines = BackfillLedger.retried(() -> ledger.number("SELECT count(*) FROM ledger"));
            int ends = ended.size();
            Callable<Boolean> seen = fault.inject();
            stack.connect().rest().waitUntilRunning(connector);
            awaitThat(() -> seen.call()
                    && ended.size() > ends + CALLED
                    && ledger.number("SELECT count(*) FROM ledger") >= lines + 100);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Callable<Boolean> after(Action action) throws Exception {
        action.run();
        return () -> true;
    }

    /** The transaction of the killed task is aborted at once, for which the broker would wait until its timeout. */
    private void killTheWorker(String connector) throws Exception {
        stack.connect().killHard();
        try (Admin admin = Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers()))) {
            admin.fenceProducers(List.of("connect-" + connector + "-0")).all().get();
        }
        stack.connect().start();
    }

    /** Ends at once if the consumer or a writer has failed. */
    private void awaitThat(Callable<Boolean> condition) throws Exception {
        try {
            await().atMost(TIMEOUT)
                    .pollDelay(Duration.ZERO)
                    .ignoreExceptions()
                    .until(() -> running.stream().anyMatch(Future::isDone) || condition.call());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("ended: " + ended + ", published: " + published.values(), e);
        }
        for (Future<?> thread : running) {
            if (thread.isDone()) {
                thread.get();
            }
        }
    }
}
