package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.testkit.PostgresServer.StopMode;
import io.ectowatch.testkit.Stack;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares the records of durable delivery with a {@link Ledger}, while the test kills and restarts all parts.
 *
 * <p>{@code -Dledger.seed} repeats the random choices of a run. {@code -Dledger.rounds} sets the number of times that
 * each fault is injected.
 */
@ExtendWith(StackExtension.class)
class LedgerIT {

    private final Stack stack;
    private final long seed = Long.getLong("ledger.seed", System.nanoTime());
    private final int rounds = Integer.getInteger("ledger.rounds", 1);

    LedgerIT(Stack stack) {
        this.stack = stack;
    }

    /** A failure of a part while the writers are running. */
    private interface Fault {
        void inject() throws Exception;
    }

    @Test
    void everyCommittedChangeArrivesInOrderDespiteFailures() throws Exception {
        run(Map.of(), false);
    }

    /** With the transaction boundaries of Kafka that Connect defines: poll and interval. One of them with row triggers. */
    @ParameterizedTest
    @CsvSource({"poll, true", "interval, false"})
    void withExactlyOnceNoChangeArrivesTwice(String boundary, String rowTriggers) throws Exception {
        stack.connect().restartWithExactlyOnce(true);
        try {
            run(
                    Map.of(
                            "exactly.once.support",
                            "required",
                            "transaction.boundary",
                            boundary,
                            "row.triggers",
                            rowTriggers,
                            "transaction.boundary.interval.ms",
                            "300"),
                    true);
        } finally {
            stack.connect().restartWithExactlyOnce(false);
        }
    }

    private void run(Map<String, String> settings, boolean exactlyOnce) throws Exception {
        System.out.println("ledger.seed=" + seed);
        try (TestDatabase database = new TestDatabase(stack);
                Ledger ledger = new Ledger(stack, database, seed)) {
            Map<String, String> config = ledger.config();
            config.putAll(settings);
            database.createConnector("ledger", config);

            ledger.startWriters();
            injectFaults(database, ledger);
            Ledger.Result result = ledger.compare();
            if (exactlyOnce) {
                assertThat(result.duplicates()).isZero();
            }
        }
    }

    private void injectFaults(TestDatabase database, Ledger ledger) throws Exception {
        String connector = database.connector("ledger");
        List<Fault> faults = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            faults.add(() -> stack.connect().restart());
            faults.add(() -> stack.postgres().restart(StopMode.IMMEDIATE));
            faults.add(() -> stack.postgres().restart(StopMode.FAST));
            faults.add(() -> stack.kafka().restart());
            faults.add(() -> terminateReaders(database));
            faults.add(() -> stack.connect().rest().restart(connector));
            faults.add(() -> {
                stack.connect().rest().pause(connector);
                stack.connect().rest().waitUntil(connector, "PAUSED");
                stack.connect().rest().resume(connector);
            });
        }
        Collections.shuffle(faults, new Random(seed));
        for (Fault fault : faults) {
            fault.inject();
            stack.connect().rest().waitUntilRunning(connector);
            ledger.awaitChanges(100);
        }
    }

    private static void terminateReaders(TestDatabase database) throws SQLException {
        database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ectowatch %'");
    }
}
