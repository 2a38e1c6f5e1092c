package io.ectowatch.connect.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many rows a chunk has, on quick and on slow servers. */
class ChunkSizeTest {

    private static final long MS = 1_000_000;

    private final ChunkSize size = new ChunkSize(20_000);

    @Test
    void aQuickServerIsAskedForMoreRowsEachTimeUpToTheLimit() {
        for (int chunk = 0; chunk < 10; chunk++) {
            size.read(MS, 1_000);
        }
        assertThat(size.rows()).isEqualTo(20_000);
    }

    @Test
    void aServerThatNeedsLongForEachChunkIsNotAskedForRowsOneByOne() {
        for (int chunk = 0; chunk < 100; chunk++) {
            size.read(300 * MS, 1_000);
        }
        assertThat(size.rows()).isEqualTo(50);
    }

    @Test
    void largeRowsAreReadOneByOne() {
        for (int chunk = 0; chunk < 100; chunk++) {
            size.read(MS, size.rows() * 4_000_000L);
        }
        assertThat(size.rows()).isEqualTo(1);
    }

    @Test
    void rowsThatTakeLongAreReadInSmallChunksAfterACancellation() {
        size.canceled();
        size.canceled();
        size.read(300 * MS, 1_000);
        assertThat(size.rows()).isEqualTo(3);
    }

    @Test
    void aReadIsTriedAgainAsLongAsTheServerAnswersNowAndThen() {
        for (int chunk = 0; chunk < 100; chunk++) {
            assertThat(size.canceled()).isTrue();
            assertThat(size.canceled()).isTrue();
            size.read(300 * MS, 1_000);
            assertThat(size.rows()).isLessThanOrEqualTo(3);
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
