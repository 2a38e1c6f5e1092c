package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The pause after a read of the journal. */
class ReadRestTest {

    private static final long SLOW_NS = 50_000_000;

    @Test
    void aFewChangesAreFollowedByAnotherReadWithinAMillisecond() {
        assertThat(ReadRest.microsAfter(0, SLOW_NS)).isBetween(1, 1_000);
        assertThat(ReadRest.microsAfter(1, SLOW_NS)).isBetween(1, 1_000);
        assertThat(ReadRest.microsAfter(3, SLOW_NS)).isBetween(1, 1_000);
    }

    @Test
    void theMoreComesTheLongerItIsLeftToGatherIfReadsAreSlow() {
        for (int rows = 0; rows < 90; rows++) {
            assertThat(ReadRest.microsAfter(rows + 1, SLOW_NS)).isGreaterThan(ReadRest.microsAfter(rows, SLOW_NS));
        }
    }

    @Test
    void nothingWaitsLongerThanTwentyMilliseconds() {
        for (int rows : new int[] {100, 1_000, 1_000_000, Integer.MAX_VALUE}) {
            assertThat(ReadRest.microsAfter(rows, SLOW_NS)).isEqualTo(20_000);
        }
    }

    /** If the processors have time, a read of some twenty rows takes less than half a millisecond. */
    @Test
    void manyChangesWaitNoLongerThanFourTimesTheRead() {
        assertThat(ReadRest.microsAfter(25, 400_000)).isEqualTo(1_600);
        assertThat(ReadRest.microsAfter(2_000, 3_000_000)).isEqualTo(12_000);
        assertThat(ReadRest.microsAfter(2_000, 1_000)).isEqualTo(300);
    }
}
