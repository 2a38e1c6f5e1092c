package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChunkPaceTest {

    private static final long PER_ROW = 10_000;
    private static final long READING = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long STEP = 100_000;

    private final ChunkPace pace = new ChunkPace();
    private long now = 5;

    /** Whether this read of the journal reads a chunk. */
    private boolean readsChunk(int rowsBefore) {
        boolean reads = !pace.journalFirst(now, rowsBefore);
        if (reads) {
            long begun = now;
            now += READING;
            pace.chunkRead(begun, now);
        }
        return reads;
    }

    @Test
    void withoutChangesEachReadReadsAChunk() {
        assertThat(readsChunk(0)).isTrue();
        assertThat(readsChunk(0)).isTrue();
    }

    @Test
    void whileChangesComeEachSecondReadReadsAChunk() {
        for (int i = 0; i < 5; i++) {
            pace.changed(now);
            assertThat(readsChunk(1)).isTrue();
            now += TimeUnit.MILLISECONDS.toNanos(500);
            assertThat(readsChunk(0)).isFalse();
        }
        now += TimeUnit.SECONDS.toNanos(3);
        assertThat(readsChunk(0)).isTrue();
        assertThat(readsChunk(0)).as("the last change was long ago").isTrue();
    }

    /** There the journal has several reads for each chunk anyway. */
    @Test
    void underLoadTheNextReadReadsAChunkIfTheBackfillHasRested() {
        pace.changed(now);
        assertThat(readsChunk(1_000)).isTrue();
        now += pace.rest(now);
        assertThat(readsChunk(1_000)).isTrue();
    }

    @Test
    void whileChangesComeItRestsForThreeQuartersOfTheTime() {
        pace.changed(now);
        long begin = now;
        int chunks = 0;
        while (now - begin < TimeUnit.SECONDS.toNanos(1)) {
            now += STEP;
            chunks += readsChunk(0) ? 1 : 0;
        }
        assertThat(chunks * READING).isBetween((now - begin) / 8, (now - begin) / 4);
    }

    @Test
    void itStopsRestingWhenNoMoreChangesCome() {
        pace.changed(now);
        assertThat(readsChunk(0)).isTrue();
        assertThat(pace.rest(now)).isPositive();
        now += pace.rest(now);
        assertThat(pace.rest(now)).isZero();

        long begun = now;
        now += TimeUnit.SECONDS.toNanos(1); // a slow server
        pace.chunkRead(begun, now);
        assertThat(pace.rest(now)).isPositive();
        now += TimeUnit.MILLISECONDS.toNanos(1_500);
        assertThat(pace.rest(now)).as("the last change was long ago").isZero();
    }

    @Test
    void whileChangesComeChunksAreSmaller() {
        int calm = pace.limits(now, PER_ROW, false).rows();
        int transactional = pace.limits(now, PER_ROW, true).rows();
        pace.changed(now);
        assertThat(pace.limits(now, PER_ROW, false).rows())
                .isLessThanOrEqualTo(calm / 10)
                .isPositive();
        assertThat(pace.limits(now, PER_ROW, true).rows())
                .as("a transaction takes long, however few its records")
                .isEqualTo(transactional);
        now += TimeUnit.SECONDS.toNanos(3);
        assertThat(pace.limits(now, PER_ROW, false).rows()).isEqualTo(calm);
    }
}
