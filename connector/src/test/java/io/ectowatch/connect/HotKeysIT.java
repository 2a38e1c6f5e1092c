package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.record.Collapser;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A few rows that are updated again and again, with and without collapsing. */
class HotKeysIT {

    private static final int UPDATES = 10_000;
    private static final int KEYS = 10;

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void counters() throws Exception {
        database.execute(
                "CREATE TABLE counters (id int PRIMARY KEY, n int)",
                "INSERT INTO counters SELECT g, 0 FROM generate_series(1, " + KEYS + ") g");
    }

    /** A backlog of that many transactions; 2,000 changes a poll, each poll a transaction of Kafka. */
    @ParameterizedTest
    @CsvSource({"none, 10000, 10000", "backlog, 10, 1000"})
    void aBacklogOfHotKeysIsAFewRecordsPerPoll(String collapse, int atLeast, int atMost) throws Exception {
        try (TransactionalWorker worker =
                new TransactionalWorker(database, "poll", Map.of("tables", "counters", "collapse", collapse))) {
            worker.start();
            worker.kill();
            database.execute("DO 'BEGIN FOR i IN 1.." + UPDATES + " LOOP UPDATE counters SET n = i WHERE id = 1 + i % "
                    + KEYS + "; COMMIT; END LOOP; END'");
            long begun = System.nanoTime();
            worker.start();
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
                worker.poll();
                return changes(worker) >= UPDATES;
            });
            long records = worker.transactions().stream().mapToInt(List::size).sum();
            System.out.println("hot keys: collapse=" + collapse + ", " + UPDATES + " updates, " + records + " records, "
                    + (System.nanoTime() - begun) / 1_000_000 + " ms");

            assertThat(changes(worker)).isEqualTo(UPDATES);
            assertThat(records).isBetween((long) atLeast, (long) atMost);
        }
    }

    private static long changes(TransactionalWorker worker) {
        return worker.transactions().stream()
                .flatMap(List::stream)
                .mapToLong(HotKeysIT::count)
                .sum();
    }

    private static int count(SourceRecord record) {
        Struct value = (Struct) record.value();
        return value.schema().field("count") == null ? 1 : Math.toIntExact(value.getInt64("count"));
    }

    @Test
    void notificationsThatOnePollReturnsAreCollapsed() throws Exception {
        try (Watching watching = Watching.start(database, Watching.NOTIFY, "tables=counters", "collapse=always")) {
            for (int i = 1; i <= 20; i++) {
                database.execute("UPDATE counters SET n = " + i + " WHERE id = " + (1 + i % 2));
            }
            database.execute("DELETE FROM counters WHERE id = 3");
            List<Delivery> received = new ArrayList<>();
            await().until(() -> {
                received.addAll(watching.source().poll(1_000, 50));
                return received.stream()
                        .anyMatch(delivery -> delivery.event().text().equals("deleted"));
            });
            received.removeIf(delivery -> delivery.change().row() == null); // a resync of the start
            PerTable<RecordFactory> factories =
                    new PerTable<>(table -> new RecordFactory(table, "ectowatch"), List::of);
            List<SourceRecord> records = new ArrayList<>();
            new Collapser(factories, count -> {})
                    .collapse(received, false)
                    .forEach(delivery -> factories.of(delivery.change().table()).append(delivery, records));

            assertThat(records)
                    .extracting(record -> ((Struct) record.value()).getString("event") + " "
                            + ((Struct) record.key()).get("id") + " x" + count(record))
                    .containsExactly("updated 2 x10", "updated 1 x10", "deleted 3 x1");
        }
    }
}
