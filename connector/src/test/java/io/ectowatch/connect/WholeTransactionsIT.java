package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers of whole transactions never see money that has left one account and not reached the other. */
class WholeTransactionsIT {

    private static final int ACCOUNTS = 8;
    private static final int TOTAL = ACCOUNTS * 1_000;

    @NewDatabase
    private TestDatabase database;

    private final Map<Integer, Integer> balances = new HashMap<>();
    private int applied;
    private TransactionalWorker worker;

    @BeforeEach
    void accounts() throws Exception {
        database.execute("CREATE TABLE accounts (id int PRIMARY KEY, balance int)");
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private TransactionalWorker worker(String collapse, int batchMaxRecords) {
        return new TransactionalWorker(
                database,
                System.getProperty("boundary", "connector"),
                Map.of(
                        "watchers", "accounts",
                        "watchers.accounts.table", "accounts",
                        "watchers.accounts.extra.columns", "balance",
                        "collapse", collapse,
                        "batch.max.records", Integer.toString(batchMaxRecords),
                        // No transaction becomes too old, however slow the machine is.
                        "producer.override.transaction.timeout.ms", "3600000"));
    }

    /** Applies what has been committed since the last call, and looks at the total after each transaction. */
    private void checkTotals() {
        List<List<SourceRecord>> transactions = worker.transactions();
        for (; applied < transactions.size(); applied++) {
            for (SourceRecord record : transactions.get(applied)) {
                Struct value = (Struct) record.value();
                assertThat(value.getString("event")).isIn("inserted", "updated");
                balances.put(
                        ((Struct) record.key()).getInt32("id"),
                        value.getStruct("values").getInt32("balance"));
            }
            assertThat(balances.values().stream().mapToInt(Integer::intValue).sum())
                    .as("after transaction %d: %s", applied, balances)
                    .isEqualTo(TOTAL);
        }
    }

    private void receiveUntilEqual() throws Exception {
        Map<Integer, Integer> expected = new HashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT id, balance FROM accounts")) {
            while (row.next()) {
                expected.put(row.getInt(1), row.getInt(2));
            }
        }
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            worker.poll();
            checkTotals();
            return balances.equals(expected);
        });
    }

    /** Seeded: the seed is in the message of a failure. Polls are smaller than many transactions. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "always"})
    void theTotalIsTheSameAfterEachTransactionDespiteFaults(String collapse) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        worker = worker(collapse, 7);
        worker.start();
        database.execute("INSERT INTO accounts SELECT g, 1000 FROM generate_series(1, " + ACCOUNTS + ") g");
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Random choices = new Random(seed + i);
            writers.add(new Thread(() -> transfer(writing, choices)));
        }
        writers.forEach(Thread::start);
        try {
            for (int step = 0; step < Integer.getInteger("steps", 50); step++) {
                worker.poll();
                checkTotals();
                int dice = random.nextInt(25);
                if (dice == 0) {
                    worker.kill();
                    worker.start();
                } else if (dice == 1) {
                    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                            + " 'ectowatch shop' AND datname = current_database()");
                }
            }
        } finally {
            writing.set(false);
            for (Thread writer : writers) {
                writer.join();
            }
        }
        receiveUntilEqual();
        assertThat(applied).isPositive();
    }

    private void transfer(AtomicBoolean writing, Random random) {
        while (writing.get()) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing.get()) {
                    if (random.nextInt(10) == 0) {
                        // Each row twice, so that the transaction has more changes than a poll.
                        statement.execute(
                                "UPDATE accounts SET balance = balance + CASE WHEN id % 2 = 0 THEN 1 ELSE -1 END");
                        statement.execute(
                                "UPDATE accounts SET balance = balance + CASE WHEN id < 5 THEN 1 ELSE -1 END");
                    } else {
                        int from = random.nextInt(ACCOUNTS) + 1;
                        int to = random.nextInt(ACCOUNTS) + 1;
                        int amount = random.nextInt(100);
                        statement.execute("UPDATE accounts SET balance = balance - " + amount + " WHERE id = " + from);
                        if (random.nextInt(4) == 0) {
                            statement.execute("SELECT pg_sleep(0.002)");
                        }
                        statement.execute("UPDATE accounts SET balance = balance + " + amount + " WHERE id = " + to);
                    }
                    if (random.nextInt(10) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                    }
                    Thread.sleep(random.nextInt(4));
                }
            } catch (SQLException | InterruptedException e) {
                Thread.onSpinWait(); // for example a deadlock
            }
        }
    }

    /** The journal is read in pages of 2,000 rows: here the last page is full, and the next one empty. */
    @ParameterizedTest
    @ValueSource(ints = {1_999, 1_500})
    void aBacklogOfSeveralPagesIsOneTransaction(int transfers) throws Exception {
        worker = worker("none", 2_000);
        worker.start();
        database.execute("INSERT INTO accounts SELECT g, 1000 FROM generate_series(1, " + ACCOUNTS + ") g");
        receiveUntilEqual();
        worker.kill();
        int before = worker.transactions().size();
        String transfer = "UPDATE accounts SET balance = balance - 1 WHERE id = 1; UPDATE accounts SET balance ="
                + " balance + 1 WHERE id = 2; COMMIT;";
        database.execute(
                "DO 'BEGIN FOR i IN 1.." + transfers + " LOOP " + transfer + " END LOOP; END'",
                "UPDATE accounts SET balance = balance - 1 WHERE id = 1; UPDATE accounts SET balance = balance + 1 WHERE id = 2");

        worker.start();
        receiveUntilEqual();

        assertThat(worker.transactions().subList(before, worker.transactions().size()).stream()
                        .mapToInt(List::size))
                .containsExactly(2 * transfers + 2);
    }

    /** A poll returns the whole of one cut and a half of the next one: what the former commits must not wait for the latter. */
    @Test
    void changesAreNotCollapsedAcrossTheEndOfATransaction() throws Exception {
        worker = worker("always", 6);
        worker.start();
        database.execute("INSERT INTO accounts SELECT g, 1000 FROM generate_series(1, " + ACCOUNTS + ") g");
        receiveUntilEqual();
        for (int attempt = 0; worker.endsWithinPolls() == 0 && attempt < 100; attempt++) {
            transferSlowly();
            receiveUntilEqual();
        }
        assertThat(worker.endsWithinPolls()).isPositive();
    }

    /** At such a pace the task reads each transaction by itself, as a rule. */
    private void transferSlowly() throws Exception {
        for (int i = 0; i < 12; i++) {
            database.execute("UPDATE accounts SET balance = balance - 1 WHERE id = 1;"
                    + "UPDATE accounts SET balance = balance - 1 WHERE id = 2;"
                    + "UPDATE accounts SET balance = balance + 1 WHERE id = 3;"
                    + "UPDATE accounts SET balance = balance + 1 WHERE id = 4");
            Thread.sleep(30);
        }
    }

    @Test
    void nothingRemainsOpenWhenThereIsNothingToRead() throws Exception {
        worker = worker("none", 3);
        worker.start();
        database.execute("INSERT INTO accounts SELECT g, 1000 FROM generate_series(1, " + ACCOUNTS + ") g");

        receiveUntilEqual();

        assertThat(worker.openRecords()).isZero();
        assertThat(worker.transactions()).hasSize(1);
    }
}
