package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CommitRateEstimatorTest {

    private long now = TimeUnit.HOURS.toNanos(1);

    @Test
    void nothingIsSlow() {
        assertThat(new CommitRateEstimator().isSlow(now)).isTrue();
    }

    @Test
    void aFewChangesAtOnceAreNotYetMany() {
        CommitRateEstimator pace = new CommitRateEstimator();
        find(pace, 7, 0);
        assertThat(pace.isSlow(now)).isTrue();
    }

    @Test
    void fiftyASecondAreFewAndFiveHundredAreMany() {
        CommitRateEstimator pace = new CommitRateEstimator();
        find(pace, 100, 20);
        assertThat(pace.isSlow(now)).isTrue();
        find(pace, 100, 2);
        assertThat(pace.isSlow(now)).isFalse();
        find(pace, 8, 20);
        assertThat(pace.isSlow(now)).as("and fifty again").isTrue();
    }

    @Test
    void manyThatAreFoundTogetherAreMany() {
        CommitRateEstimator pace = new CommitRateEstimator();
        pace.found(1_000, true, now);
        assertThat(pace.isSlow(now)).isFalse();
    }

    @Test
    void thoseThatOverlapAreManyHoweverSlowlyTheyCome() {
        CommitRateEstimator pace = new CommitRateEstimator();
        find(pace, 100, 20);
        pace.found(1, false, now);
        assertThat(pace.isSlow(now)).isFalse();
        find(pace, 1, 20);
        assertThat(pace.isSlow(now)).isFalse();
        find(pace, 3, 20);
        assertThat(pace.isSlow(now)).as("they do not any more").isTrue();
    }

    @Test
    void manyAreFewAgainAfterAWhile() {
        CommitRateEstimator pace = new CommitRateEstimator();
        find(pace, 100, 1);
        assertThat(pace.isSlow(now)).isFalse();
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(pace.isSlow(now)).isTrue();
    }

    private void find(CommitRateEstimator pace, int transactions, int everyMs) {
        for (int i = 0; i < transactions; i++) {
            now += TimeUnit.MILLISECONDS.toNanos(everyMs);
            pace.found(1, true, now);
        }
    }
}
