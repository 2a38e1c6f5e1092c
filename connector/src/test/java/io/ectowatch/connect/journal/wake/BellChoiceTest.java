package io.ectowatch.connect.journal.wake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BellChoiceTest {

    @Test
    void whileChangesComeTheWaitForTheNextIsShort() {
        assertThat(pauseMs(Duration.ofMillis(100))).isEqualTo(2);
        assertThat(pauseMs(Duration.ofSeconds(1))).isEqualTo(4);
    }

    @Test
    void atRestThereAreFewerThanThirtyReadsASecondAndAChangeWaitsForTwentyMillisecondsOnAverageAtMost() {
        assertThat(1_000.0 / pauseMs(Duration.ofMinutes(1))).isLessThan(29.5);
        assertThat(pauseMs(Duration.ofDays(365)) / 2).isLessThan(20);
    }

    private static long pauseMs(Duration silence) {
        return BellChoice.pauseMs(silence.toNanos());
    }
}
