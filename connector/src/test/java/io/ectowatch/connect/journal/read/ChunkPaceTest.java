package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChunkPaceTest {

    private static final long PER_ROW = 10_000;

    private final ChunkPace pace = new ChunkPace();
    private long now = 5;

    /** Whether this read of the journal reads a chunk. */
    private boolean readsChunk(int rowsBefore) {
        boolean reads = !pace.journalFirst(now, rowsBefore);
        if (reads) {
            pace.chunkRead();
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
    void underLoadItDoesNotWaitLonger() {
        pace.changed(now);
        assertThat(readsChunk(1_000)).isTrue();
        assertThat(readsChunk(1_000)).isTrue();
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
