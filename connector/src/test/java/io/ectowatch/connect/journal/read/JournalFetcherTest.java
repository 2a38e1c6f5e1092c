package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How often the journal is looked at. */
class JournalFetcherTest {

    @Test
    void aFewChangesAreFollowedByAnotherReadWithinAMillisecond() {
        assertThat(JournalFetcher.restMicrosAfter(0)).isBetween(1, 1_000);
        assertThat(JournalFetcher.restMicrosAfter(1)).isBetween(1, 1_000);
        assertThat(JournalFetcher.restMicrosAfter(3)).isBetween(1, 1_000);
    }

    @Test
    void theMoreComesTheLongerItIsLeftToGather() {
        for (int rows = 0; rows < 90; rows++) {
            assertThat(JournalFetcher.restMicrosAfter(rows + 1)).isGreaterThan(JournalFetcher.restMicrosAfter(rows));
        }
    }

    @Test
    void nothingWaitsLongerThanTwentyMilliseconds() {
        for (int rows : new int[] {100, 1_000, 1_000_000, Integer.MAX_VALUE}) {
            assertThat(JournalFetcher.restMicrosAfter(rows)).isEqualTo(20_000);
        }
    }
}
