package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a change waits for while a backfill runs that is quicker than Kafka Connect. */
class ChangesBesideBackfillIT {

    /** The task gets no more of them in a millisecond. */
    private static final int ROWS_PER_MS = 20;

    /** What a chunk takes to publish at most, in milliseconds, while there are no changes. */
    private static final int CHUNK_MS = 20;

    private TestDatabase database;

    @BeforeEach
    void aLargeTable() throws Exception {
        database = TestDatabase.create();
        database.execute(
                "CREATE TABLE users (id int PRIMARY KEY, n int)",
                "INSERT INTO users SELECT n, 0 FROM generate_series(1, 100000) AS n");
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** As Connect does: polls again when it has sent all records of a poll, which takes some time for each. */
    private static List<Delivery> take(Watching watching) throws InterruptedException {
        List<Delivery> taken = watching.source().poll(2_000, 50);
        watching.source().handedOver(taken.size());
        taken.forEach(delivery -> watching.source().acknowledged(delivery.offset()));
        Thread.sleep((taken.size() + ROWS_PER_MS - 1) / ROWS_PER_MS);
        return taken;
    }

    private static long reads(List<Delivery> deliveries) {
        return deliveries.stream()
                .filter(delivery -> delivery.change().event() == Event.READ)
                .count();
    }

    /** The limit ends a poll that waits for a change that was lost. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aChangeIsPublishedAfterTwoChunksAtMost() throws Exception {
        try (Watching watching = Watching.start(database, "tables=users")) {
            database.execute("SELECT ectowatch.backfill('shop', 'users')");
            for (int change = 1; change <= 5; change++) {
                for (long reads = 0; reads < 3_000; ) {
                    reads += reads(take(watching));
                }
                database.execute("UPDATE users SET n = " + change + " WHERE id = 1");

                long before = 0;
                for (boolean arrived = false; !arrived; ) {
                    List<Delivery> taken = take(watching);
                    arrived = taken.stream()
                            .anyMatch(delivery -> delivery.change().event() == Event.UPDATED);
                    before += reads(taken);
                }
                // The chunk that the task takes at the moment, the one that follows, and those that are in the same
                // poll.
                assertThat(before).as("change " + change).isLessThanOrEqualTo(3L * CHUNK_MS * ROWS_PER_MS);
            }
        }
    }
}
