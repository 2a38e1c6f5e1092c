package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A backfill waits while Kafka has not acknowledged what was sent, so that its rows do not fill the worker's heap. {@code
 * -Dbackfill.rows=10000000 -Dbackfill.heap=256m} makes the last test longer.
 */
class UnacknowledgedRowsIT {

    private static final int ROWS = Integer.getInteger("backfill.rows", 300_000);
    private static final String HEAP = System.getProperty("backfill.heap", "96m");
    private static final String CALL = "SELECT ectowatch.backfill('shop', 'users')";

    @NewDatabase
    private TestDatabase database;

    private final Deque<Delivery> sent = new ArrayDeque<>();

    private void fill(int rows) throws Exception {
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, n int)",
                "INSERT INTO users SELECT n, 0 FROM generate_series(1, " + rows + ") AS n");
    }

    /** Whether there was anything. */
    private boolean poll(Watching watching) throws InterruptedException {
        List<Delivery> taken = watching.source().poll(2_000, 500);
        watching.source().handedOver(taken.size());
        sent.addAll(taken);
        return !taken.isEmpty();
    }

    @Test
    void aBackfillWaitsForKafkaAndChangesDoNot() throws Exception {
        fill(150_000);
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute(CALL);
            // Until nothing has come for some polls.
            for (int empty = 0; sent.size() < 10_000 || empty < 3; ) {
                empty = poll(watching) ? 0 : empty + 1;
            }
            assertThat(sent.size()).isLessThan(BackfillReader.MOST_WAITING);

            database.execute("UPDATE users SET n = 1 WHERE id = 150000");
            while (sent.stream().noneMatch(delivery -> delivery.change().event() == Event.UPDATED)) {
                poll(watching);
            }
            assertThat(sent).noneMatch(delivery -> delivery.change().event() == Event.BACKFILLED);

            int rows = 0;
            for (boolean ended = false; !ended; ) {
                for (Delivery delivery; (delivery = sent.poll()) != null; ) {
                    watching.source().acknowledged(delivery.offset());
                    rows += delivery.change().event() == Event.READ ? 1 : 0;
                    ended |= delivery.change().event() == Event.BACKFILLED;
                }
                poll(watching);
            }
            assertThat(rows).isEqualTo(150_000);
        }
    }

    @Test
    void aLongTableIsReadInASmallHeap() throws Exception {
        fill(ROWS);
        Watching.start(database, "tables=users").close();
        database.execute(CALL);
        Process reader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BackfillReader.class.getName(),
                        Integer.toString(ROWS),
                        "connection.url=" + database.url(),
                        "connection.user=" + database.user(),
                        "tables=users")
                .redirectErrorStream(true)
                .start();
        String output = new String(reader.getInputStream().readAllBytes());
        assertThat(reader.waitFor()).as(output).isZero();
        System.out.println(
                output.lines().filter(line -> line.contains("with a heap of")).toList());
    }
}
