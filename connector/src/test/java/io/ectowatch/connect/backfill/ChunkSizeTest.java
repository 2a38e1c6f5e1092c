package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many rows a chunk has, on quick and on slow servers. */
class ChunkSizeTest {

    private static final long MS = 1_000_000;

    private final ChunkSize size = new ChunkSize(20_000);

    private int rows() {
        return size.rows(ChunkLimits.ALONE);
    }

    private void read(long tookNs, long characters) {
        size.read(rows(), tookNs, characters, ChunkLimits.ALONE);
    }

    @Test
    void aQuickServerIsAskedForMoreRowsEachTimeUpToTheLimit() {
        for (int chunk = 0; chunk < 10; chunk++) {
            read(MS, 1_000);
        }
        assertThat(rows()).isEqualTo(20_000);
    }

    @Test
    void aServerThatNeedsLongForEachChunkIsNotAskedForRowsOneByOne() {
        for (int chunk = 0; chunk < 100; chunk++) {
            read(300 * MS, 1_000);
        }
        assertThat(rows()).isEqualTo(50);
    }

    @Test
    void largeRowsAreReadOneByOne() {
        for (int chunk = 0; chunk < 100; chunk++) {
            read(MS, rows() * 4_000_000L);
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void smallChunksAfterACancellationGrowIfTheyAreReadInTime() {
        size.canceled();
        size.canceled();
        for (int chunk = 0; chunk < 10; chunk++) {
            read(100 * MS, 1_000);
        }
        assertThat(rows()).isEqualTo(50);
    }

    @Test
    void aChunkKeepsWithinTheLimitsWhileThereAreChanges() {
        ChunkLimits limits = new ChunkLimits(120, 3 * MS);
        for (int chunk = 0; chunk < 10; chunk++) {
            size.read(size.rows(limits), MS, 1_000, limits);
        }
        assertThat(size.rows(limits)).isEqualTo(120);
        for (int chunk = 0; chunk < 10; chunk++) {
            size.read(size.rows(limits), 4 * MS, 1_000, limits);
        }
        assertThat(size.rows(limits)).isBetween(50, 90);
    }

    @Test
    void rowsThatTakeLongAreReadInSmallChunksAfterACancellation() {
        size.canceled();
        size.canceled();
        read(300 * MS, 1_000);
        assertThat(rows()).isEqualTo(3);
    }

    @Test
    void aReadIsTriedAgainAsLongAsTheServerAnswersNowAndThen() {
        for (int chunk = 0; chunk < 100; chunk++) {
            assertThat(size.canceled()).isTrue();
            assertThat(size.canceled()).isTrue();
            read(300 * MS, 1_000);
            assertThat(rows()).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void aReadThatIsCanceledEachTimeIsGivenUp() {
        for (int attempt = 1; attempt < ChunkSize.ATTEMPTS; attempt++) {
            assertThat(size.canceled()).isTrue();
        }
        assertThat(size.canceled()).isFalse();
    }
}
