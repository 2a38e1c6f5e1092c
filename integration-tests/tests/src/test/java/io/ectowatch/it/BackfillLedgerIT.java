package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.testkit.InstalledTriggers;
import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.ReceivedRecord;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.TopicReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
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

    private static final int WRITERS = 2;
    private static final int ROWS = 4000;

    /** The key of the last change. */
    private static final int LAST = -1;

    /** While the writers run, so many backfills that were called have not ended. */
    private static final int CALLED = 2;

    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private final Stack stack;
    private final long seed = Long.getLong("ledger.seed", System.nanoTime());
    private final int rounds = Integer.getInteger("ledger.rounds", 1);
    private final AtomicBoolean writing = new AtomicBoolean(true);
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
        try (TestDatabase database = new TestDatabase(stack)) {
            createTables(database);
            createConnector(database);
            PublishedTable items = new PublishedTable("items", id -> isOfWholeTable(database, id), initial());
            PublishedTable stock = new PublishedTable("stock", id -> isOfWholeTable(database, id), null);
            published = Map.of("items", items, "stock", stock);
            Future<?> consumer = threads.submit(consuming(database, published));
            List<Future<?>> writers = startWriters(database);
            running.add(consumer);
            running.addAll(writers);
            injectFaults(database);
            running.removeAll(writers);
            writing.set(false);
            for (Future<?> writer : writers) {
                writer.get();
            }
            awaitEndOfCalls(database);
            loseChanges(database);
            // Nobody has called the backfill that makes it agree again.
            awaitThat(() -> stock.copy().equals(rows(database, "stock")));
            database.execute(
                    "INSERT INTO items VALUES (" + LAST + ", 0)", "INSERT INTO stock VALUES (" + LAST + ", 0)");
            consumer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            System.out.println("ledger: " + items + "; " + stock);
            compare(database, items, stock);
        } finally {
            writing.set(false);
            threads.shutdownNow();
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private static void createTables(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "INSERT INTO items SELECT n * 2, 0 FROM generate_series(1, " + ROWS + ") AS n",
                "CREATE TABLE stock (id int PRIMARY KEY, n int)",
                "INSERT INTO stock SELECT n * 2, 0 FROM generate_series(1, " + ROWS / 8 + ") AS n",
                "CREATE TABLE ledger (line bigserial PRIMARY KEY, id int, event text, n int,"
                        + " txid bigint DEFAULT pg_current_xact_id()::text::bigint)",
                "CREATE TABLE calls (id text PRIMARY KEY, condition text, stopped bool)");
    }

    private static Map<Integer, Integer> initial() {
        Map<Integer, Integer> rows = new HashMap<>();
        for (int n = 1; n <= ROWS; n++) {
            rows.put(n * 2, 0);
        }
        return rows;
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

    /** Whether a backfill has no condition. Those of the setting have none. */
    private static boolean isOfWholeTable(TestDatabase database, String id) {
        return retried(() -> number(
                        database, "SELECT count(*) FROM calls WHERE id = '" + id + "' AND condition IS NOT NULL"))
                == 0;
    }

    /** The result, as soon as the database answers. */
    private static long retried(Callable<Long> query) {
        return await().atMost(TIMEOUT)
                .pollDelay(Duration.ZERO)
                .ignoreExceptions()
                .until(query, any -> true);
    }

    private static long number(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
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
                        if (record.key() != null && record.key().get("id").asInt() == LAST) {
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

    private void injectFaults(TestDatabase database) throws Exception {
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
                loseChanges(database);
                return () -> published.get("stock").resyncs() > before;
            });
        }
        Collections.shuffle(faults, new Random(seed));
        for (Fault fault : faults) {
            long lines = retried(() -> number(database, "SELECT count(*) FROM ledger"));
            int ends = ended.size();
            Callable<Boolean> seen = fault.inject();
            stack.connect().rest().waitUntilRunning(connector);
            awaitThat(() -> seen.call()
                    && ended.size() > ends + CALLED
                    && number(database, "SELECT count(*) FROM ledger") >= lines + 100);
        }
    }

    /** Changes of stock that no trigger captures. The connector sees later that its triggers were disabled. */
    private static void loseChanges(TestDatabase database) throws SQLException {
        database.execute("BEGIN; ALTER TABLE stock DISABLE TRIGGER USER; DELETE FROM stock WHERE id % 7 = 0;"
                + " UPDATE stock SET n = n + 1000 WHERE id % 5 = 0;"
                + " ALTER TABLE stock ENABLE TRIGGER USER; COMMIT");
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

    private void awaitEndOfCalls(TestDatabase database) throws Exception {
        List<String> called = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM calls")) {
            while (row.next()) {
                called.add(row.getString(1));
            }
        }
        awaitThat(() -> ended.containsAll(called));
    }

    private List<Future<?>> startWriters(TestDatabase database) {
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i <= WRITERS; i++) {
            Random random = new Random(seed + i);
            boolean calls = i == WRITERS;
            writers.add(threads.submit(() -> repeat(database, (connection, statement) -> {
                if (calls) {
                    call(database.connector("ledger"), connection, statement, random);
                } else {
                    write(connection, statement, random);
                }
            })));
        }
        return writers;
    }

    private interface Work {
        void in(Connection connection, Statement statement) throws SQLException;
    }

    /** Continues after any error: a lost connection or a deadlock ends the transaction only. */
    private void repeat(TestDatabase database, Work work) {
        while (writing.get()) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing.get()) {
                    work.in(connection, statement);
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private static void write(Connection connection, Statement statement, Random random) throws SQLException {
        statement.execute("SET LOCAL synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
        for (int i = random.nextInt(3); i >= 0; i--) {
            change(statement, random);
        }
        if (random.nextInt(50) == 0) {
            statement.execute("SELECT pg_sleep(0.2)"); // a long transaction
        }
        if (random.nextInt(10) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
        statement.execute("SELECT pg_sleep(0.001)"); // the consumer has to keep up
        connection.rollback();
    }

    private static void change(Statement statement, Random random) throws SQLException {
        if (random.nextInt(5) == 0) {
            int id = random.nextInt(ROWS / 4);
            statement.execute(
                    random.nextBoolean()
                            ? "INSERT INTO stock VALUES (" + id + ", 1) ON CONFLICT (id) DO UPDATE SET n = stock.n + 1"
                            : "DELETE FROM stock WHERE id = " + id);
            return;
        }
        int low = random.nextInt(4) == 0 ? random.nextInt(100) : random.nextInt(2 * ROWS);
        String keys = "id BETWEEN " + low + " AND " + (low + random.nextInt(10));
        String[] change =
                switch (random.nextInt(3)) {
                    case 0 ->
                        new String[] {
                            "INSERT INTO items VALUES (" + low + ", 1) ON CONFLICT (id) DO NOTHING RETURNING id, n",
                            "inserted"
                        };
                    case 1 -> new String[] {"UPDATE items SET n = n + 1 WHERE " + keys + " RETURNING id, n", "updated"};
                    default ->
                        new String[] {"DELETE FROM items WHERE id = " + low + " RETURNING id, NULL::int", "deleted"};
                };
        statement.execute("WITH changed (id, n) AS (" + change[0] + ") INSERT INTO ledger (id, event, n) SELECT id, '"
                + change[1] + "', n FROM changed");
    }

    /** Calls a backfill, if only few have not ended; stops some of them. */
    private void call(String connector, Connection connection, Statement statement, Random random) throws SQLException {
        long open;
        try (ResultSet row = statement.executeQuery(
                "SELECT count(*) FROM calls WHERE id <> ALL ('{" + String.join(",", ended) + "}')")) {
            row.next();
            open = row.getLong(1);
        }
        if (open < CALLED) {
            String table = random.nextInt(4) == 0 ? "stock" : "items";
            String condition = random.nextInt(4) == 0 ? "n % 2 = 0" : null;
            boolean stop = random.nextInt(5) == 0;
            String id;
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO calls VALUES" + " (ectowatch.backfill(?, ?, ?), ?, ?) RETURNING id")) {
                insert.setString(1, connector);
                insert.setString(2, table);
                insert.setString(3, condition);
                insert.setString(4, condition);
                insert.setBoolean(5, stop);
                try (ResultSet row = insert.executeQuery()) {
                    row.next();
                    id = row.getString(1);
                }
            }
            connection.commit();
            if (stop) {
                statement.execute("SELECT pg_sleep(" + random.nextInt(200) / 1000.0 + "), ectowatch.backfill_stop('"
                        + connector + "', '" + id + "')");
            }
        } else {
            statement.execute("SELECT pg_sleep(0.02)");
        }
        connection.commit();
    }

    private void compare(TestDatabase database, PublishedTable items, PublishedTable stock) throws SQLException {
        Map<Integer, List<String>> changes = new HashMap<>(items.changes());
        changes.remove(LAST);
        assertThat(changes).as("the changes of each key, in order").isEqualTo(ledger(database));
        assertThat(items.copy()).as("the copy of items").isEqualTo(rows(database, "items"));
        assertThat(stock.copy()).as("the copy of stock").isEqualTo(rows(database, "stock"));
        for (PublishedTable table : List.of(items, stock)) {
            table.ends().forEach((id, reason) -> assertThat(reason)
                    .as("the end of backfill %s of %s", id, table)
                    .isIn(
                            "",
                            "it was stopped by a call",
                            "changes of the table may have been lost meanwhile; another backfill follows"));
        }
        assertThat(stock.resyncs()).isGreaterThanOrEqualTo(rounds);
    }

    private static Map<Integer, List<String>> ledger(TestDatabase database) throws SQLException {
        Map<Integer, List<String>> expected = new HashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, txid, event, n FROM ledger ORDER BY line")) {
            while (row.next()) {
                expected.computeIfAbsent(row.getInt(1), any -> new ArrayList<>())
                        .add(PublishedTable.line(row.getLong(2), row.getString(3), row.getObject(4, Integer.class)));
            }
        }
        return expected;
    }

    private static Map<Integer, Integer> rows(TestDatabase database, String table) throws SQLException {
        Map<Integer, Integer> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, n FROM " + table)) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getInt(2));
            }
        }
        return rows;
    }
}
