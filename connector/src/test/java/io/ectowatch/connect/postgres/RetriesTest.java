package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetriesTest {

    private long now;
    private final Retries retries = new Retries(Duration.ofMinutes(5), () -> now);

    private void passes(Duration time) {
        now += time.toNanos();
    }

    @Test
    void anErrorThatDoesNotHealIsTheLastOneWhenItHasComeBackForFiveMinutes() {
        assertThat(retries.failed("no", false)).isEmpty();
        for (int minute = 1; minute < 5; minute++) {
            passes(Duration.ofMinutes(1));
            retries.established();
            assertThat(retries.failed("no", false)).isEmpty();
        }
        passes(Duration.ofMinutes(1));
        assertThat(retries.failed("no", false))
                .hasValueSatisfying(text -> assertThat(text).startsWith("no ").contains("5 minutes"));
    }

    @Test
    void aSessionThatHasLastedAMinuteBeginsTheTimeAgain() {
        assertThat(retries.failed("no", false)).isEmpty();
        retries.established();
        passes(Duration.ofMinutes(6));
        assertThat(retries.failed("no", false)).isEmpty();
    }

    @Test
    void soDoesAnErrorThatCanPass() {
        assertThat(retries.failed("no", false)).isEmpty();
        passes(Duration.ofMinutes(6));
        assertThat(retries.failed("network", true)).isEmpty();
        assertThat(retries.failed("no", false)).isEmpty();
    }

    @Test
    void theLogMentionsEachNewReasonAtOnceAndTheSameOneEachMinute() {
        retries.failed("refused", true);
        retries.nextWait();
        assertThat(retries.toBeMentioned("refused")).isTrue();
        retries.nextWait();
        assertThat(retries.toBeMentioned("refused")).isFalse();
        assertThat(retries.toBeMentioned("password")).isTrue();
        assertThat(retries.toBeMentioned("password")).isFalse();
        passes(Duration.ofMinutes(1));
        assertThat(retries.toBeMentioned("password")).isTrue();
    }

    @Test
    void aSessionThatEndsAtOnceDoesNotMakeTheNextAttemptComeSooner() {
        for (int i = 0; i < 5; i++) {
            retries.established();
            retries.failed("no", true);
            retries.nextWait();
        }
        assertThat(retries.attempts()).isEqualTo(5);
        retries.established();
        passes(Duration.ofSeconds(10));
        retries.failed("no", true);
        retries.nextWait();
        assertThat(retries.attempts()).isEqualTo(1);
    }
}
