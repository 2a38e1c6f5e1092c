package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How often the journal is looked at. */
class JournalDrainTest {

    @Test
    void aFewChangesAreFollowedByAnotherLookWithinAMillisecond() {
        assertThat(JournalDrain.restMicrosAfter(0)).isBetween(1, 1_000);
        assertThat(JournalDrain.restMicrosAfter(1)).isBetween(1, 1_000);
        assertThat(JournalDrain.restMicrosAfter(3)).isBetween(1, 1_000);
    }

    @Test
    void theMoreComesTheLongerItIsLeftToGather() {
        for (int rows = 0; rows < 90; rows++) {
            assertThat(JournalDrain.restMicrosAfter(rows + 1)).isGreaterThan(JournalDrain.restMicrosAfter(rows));
        }
    }

    @Test
    void nothingWaitsLongerThanTwentyMilliseconds() {
        for (int rows : new int[] {100, 1_000, 1_000_000, Integer.MAX_VALUE}) {
            assertThat(JournalDrain.restMicrosAfter(rows)).isEqualTo(20_000);
        }
    }
}
