package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.testing.Worker;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A copy of a table that is made only from records agrees with the table, whatever happens while rows are read. */
class BackfillMirrorIT {

    private static final int ROWS = 3000;
    private static final String[] SETTINGS = {"watchers=w", "watchers.w.table=items", "watchers.w.extra.columns=n"};

    private TestDatabase database;

    @BeforeEach
    void aTableWithRows() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE items (id int PRIMARY KEY, n int)",
                "INSERT INTO items SELECT n * 2, 0 FROM generate_series(1, " + ROWS + ") AS n");
    }

    @AfterEach
    void close() {
        database.close();
    }

    private String call() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT ectowatch.backfill('shop', 'items')")) {
            row.next();
            return row.getString(1);
        }
    }

    private Map<Object, Object> table() throws SQLException {
        Map<Object, Object> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, n FROM items")) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getInt(2));
            }
        }
        return rows;
    }

    private static HealingMirror mirror(List<Change> changes) {
        HealingMirror mirror = new HealingMirror();
        changes.forEach(mirror::apply);
        return mirror;
    }

    /** Changes random rows until {@code stop} is set; its transactions overlap with those of others. */
    private void write(long seed, AtomicBoolean stop) throws SQLException {
        Random random = new Random(seed);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = 50");
            for (int round = 1; !stop.get(); round++) {
                statement.execute("BEGIN");
                statement.execute("SET LOCAL synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
                try {
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        int id = random.nextInt(2 * ROWS);
                        statement.execute(
                                switch (random.nextInt(4)) {
                                    case 0 -> "DELETE FROM items WHERE id = " + id;
                                    case 1 ->
                                        "UPDATE items SET n = " + round + " WHERE id BETWEEN " + id + " AND "
                                                + (id + 20);
                                    case 2 ->
                                        "UPDATE items SET id = " + (id + 1) + " WHERE id = " + id
                                                + " AND NOT EXISTS (SELECT FROM items WHERE id = " + (id + 1) + ")";
                                    default ->
                                        "INSERT INTO items VALUES (" + id + ", " + round
                                                + ") ON CONFLICT (id) DO UPDATE SET n = excluded.n";
                                });
                    }
                    statement.execute(random.nextInt(5) == 0 ? "ROLLBACK" : "COMMIT");
                } catch (SQLException e) {
                    statement.execute("ROLLBACK"); // another writer has the row
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theMirrorAgreesWhileOthersWriteAndTheTaskDies(long seed) throws Exception {
        Random random = new Random(seed);
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService writers = Executors.newFixedThreadPool(2);
        try (Worker worker = new Worker(database, SETTINGS)) {
            worker.start();
            List<Future<?>> writing = IntStream.range(0, 2)
                    .<Future<?>>mapToObj(n -> writers.submit(() -> {
                        write(seed * 10 + n, stop);
                        return null;
                    }))
                    .toList();
            String id = call();
            int kills = 6;
            while (!BackfillIT.ended(worker.changes(), id)) {
                worker.poll(1 + random.nextInt(400), 50);
                worker.acknowledge(worker.inFlight() == 0 ? 0 : random.nextInt(worker.inFlight() + 1));
                if (random.nextInt(3) == 0) {
                    worker.writeOffset();
                    worker.notifyCommitted();
                }
                if (kills > 0 && random.nextInt(8) == 0) {
                    kills--;
                    worker.kill();
                    worker.start();
                }
            }
            stop.set(true);
            for (Future<?> writer : writing) {
                writer.get();
            }
            database.execute("INSERT INTO items VALUES (-1, 0)");
            await().pollDelay(Duration.ZERO).until(() -> {
                worker.poll(10_000, 50);
                worker.acknowledge(worker.inFlight());
                worker.writeOffset();
                return worker.committed().contains("public.items inserted [-1, 0]");
            });

            assertThat(mirror(worker.changes()).rows()).isEqualTo(table());
            // With the offset in one transaction with the records, each row is read once.
            assertThat(BackfillIT.keys(worker.changes())).doesNotHaveDuplicates();
            Change end = worker.changes().stream()
                    .filter(change -> change.event() == Event.BACKFILLED)
                    .findFirst()
                    .orElseThrow();
            assertThat(end.backfill().count())
                    .isEqualTo(BackfillIT.keys(worker.changes()).size());
        } finally {
            stop.set(true);
            writers.shutdownNow();
        }
    }

    @Test
    void aTaskThatDiesWithinAChunkGoesOnWithTheNextRow() throws Exception {
        int few = 700;
        database.execute("DELETE FROM items WHERE id > " + 2 * few);
        try (Worker worker = new Worker(database, SETTINGS)) {
            worker.start();
            String id = call();
            for (int round = 0; !BackfillIT.ended(worker.changes(), id); round++) {
                while (worker.inFlight() == 0) {
                    worker.poll(700, 100);
                }
                // Of a poll, Kafka takes a part that ends within a chunk.
                worker.acknowledge(round % 2 == 0 ? 133 : worker.inFlight());
                worker.writeOffset();
                worker.kill();
                worker.start();
            }

            assertThat(BackfillIT.keys(worker.changes()))
                    .isEqualTo(new ArrayList<Object>(
                            IntStream.rangeClosed(1, few).mapToObj(n -> 2 * n).toList()));
        }
    }

    @Test
    void aMirrorThatMissedChangesIsHealedAfterAResync() throws Exception {
        String[] settings = {SETTINGS[0], SETTINGS[1], SETTINGS[2], "backfill=new,resync", "table.poll.interval.ms=1000"
        };
        try (Watching watching = Watching.start(database, settings)) {
            HealingMirror mirror = new HealingMirror();
            List<Change> first =
                    watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
            first.forEach(mirror::apply);
            assertThat(mirror.rows()).isEqualTo(table());
            watching.forget();

            // One transaction, so that the connector does not repair the triggers before.
            database.execute("BEGIN; ALTER TABLE items DISABLE TRIGGER USER; DELETE FROM items WHERE id % 6 = 0;"
                    + " UPDATE items SET n = 7 WHERE id % 10 = 0; INSERT INTO items VALUES (1, 1);"
                    + " ALTER TABLE items ENABLE TRIGGER USER; COMMIT");
            List<Change> then =
                    watching.changes(all -> all.stream().anyMatch(change -> change.event() == Event.BACKFILLED));
            then.forEach(mirror::apply);

            assertThat(then.get(0).event()).isEqualTo(Event.RESYNC);
            assertThat(mirror.rows()).isEqualTo(table());
        }
    }
}
