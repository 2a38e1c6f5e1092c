package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The pause after a read of the journal. */
class ReadRestTest {

    @Test
    void aFewChangesAreFollowedByAnotherReadWithinAMillisecond() {
        assertThat(ReadRest.microsAfter(0)).isBetween(1, 1_000);
        assertThat(ReadRest.microsAfter(1)).isBetween(1, 1_000);
        assertThat(ReadRest.microsAfter(3)).isBetween(1, 1_000);
    }

    @Test
    void theMoreComesTheLongerItIsLeftToGather() {
        for (int rows = 0; rows < 90; rows++) {
            assertThat(ReadRest.microsAfter(rows + 1)).isGreaterThan(ReadRest.microsAfter(rows));
        }
    }

    @Test
    void nothingWaitsLongerThanTwentyMilliseconds() {
        for (int rows : new int[] {100, 1_000, 1_000_000, Integer.MAX_VALUE}) {
            assertThat(ReadRest.microsAfter(rows)).isEqualTo(20_000);
        }
    }
}
