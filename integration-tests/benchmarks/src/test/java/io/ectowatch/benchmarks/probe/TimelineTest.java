package io.ectowatch.benchmarks.probe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimelineTest {

    private final Timeline timeline = new Timeline(3);

    @Test
    void aLatencyRunsFromSendingCommitToTheFirstArrival() {
        timeline.sent(0, 1_000_000);
        timeline.returned(0, 2_000_000);
        timeline.arrived(0, 5_000_000);
        timeline.arrived(0, 9_000_000);
        assertThat(timeline.latencies(0, 1).median()).isEqualTo(4);
        assertThat(timeline.latenciesAfterCommit(0, 1).median()).isEqualTo(3);
    }

    @Test
    void aChangeWithoutAnArrivalIsMissingAndHasNoLatency() {
        for (int number = 0; number < 3; number++) {
            timeline.sent(number, 1);
        }
        timeline.arrived(1, 5);
        assertThat(timeline.missing(0, 3)).isEqualTo(2);
        assertThat(timeline.latencies(0, 3).count()).isEqualTo(1);
    }
}
