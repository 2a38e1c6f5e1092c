package io.ectowatch.connect.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatedLogTest {

    private final List<String> lines = new ArrayList<>();
    private long now = 17;
    private final RepeatedLog log = new RepeatedLog(() -> now);

    @Test
    void aThousandEventsOfOneKindAreTwoLinesAndTheSecondHasTheirNumber() {
        for (int event = 1; event <= 1_000; event++) {
            happens("poison", "poison " + event);
        }
        assertThat(lines).containsExactly("poison 1");

        passes(Duration.ofSeconds(10));

        assertThat(lines)
                .containsExactly(
                        "poison 1", "poison 1000 (This has happened 999 more times since the last such line.)");
    }

    @Test
    void thePausesGrowWhileTheEventGoesOn() {
        for (int second = 0; second < 3_600; second++) {
            happens("poison", "poison");
            passes(Duration.ofSeconds(1));
        }

        assertThat(lines).hasSizeBetween(10, 14);
    }

    @Test
    void eachKindIsLoggedAtOnce() {
        happens("a", "first");
        happens("b", "second");

        assertThat(lines).containsExactly("first", "second");
    }

    @Test
    void anEventAfterACalmTimeIsLoggedAtOnce() {
        happens("a", "before");
        passes(Duration.ofSeconds(10));
        happens("a", "after");

        assertThat(lines).containsExactly("before", "after");
    }

    @Test
    void endlesslyManyKindsTakeNoEndlessMemoryAndShareTheirPauses() {
        for (int kind = 0; kind < 100_000; kind++) {
            happens("kind " + kind, "kind " + kind);
        }

        assertThat(lines).hasSizeBetween(1_000, 1_001);
    }

    private void happens(String kind, String text) {
        log.log(kind, more -> lines.add(text + more));
    }

    private void passes(Duration time) {
        now += time.toNanos();
        log.logCounted();
    }
}
