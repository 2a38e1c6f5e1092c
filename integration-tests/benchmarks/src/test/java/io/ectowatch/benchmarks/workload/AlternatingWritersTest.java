package io.ectowatch.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ectowatch.benchmarks.workload.AlternatingWriters.Reading;
import io.ectowatch.benchmarks.workload.AlternatingWriters.Used;
import org.junit.jupiter.api.Test;

class AlternatingWritersTest {

    @Test
    void everySecondRoundIsInReverseOrder() {
        assertThat(AlternatingWriters.order(0)).containsExactly(true, false);
        assertThat(AlternatingWriters.order(1)).containsExactly(false, true);
        assertThat(AlternatingWriters.order(2)).containsExactly(true, false);
    }

    @Test
    void theRateIsThatOfAllSlicesWithoutTheTimeBetweenThem() {
        Used used = Used.NOTHING
                .plus(new Reading(1_000, 10), new Reading(1_300, 10.5))
                .plus(new Reading(9_000, 70), new Reading(9_100, 70.5));
        assertThat(used.rate(1)).isCloseTo(400, within(1e-9));
    }

    @Test
    void aTransactionThatUsesTwoIdsCountsOnce() {
        assertThat(new Used(600, 1.5).rate(2)).isCloseTo(200, within(1e-9));
    }

    @Test
    void anIdOfAnotherProcessDoesNotChangeTheIdsOfOneTransaction() {
        assertThat(AlternatingWriters.idsOfOne(41, 20)).isEqualTo(2);
        assertThat(AlternatingWriters.idsOfOne(20, 20)).isEqualTo(1);
    }

    @Test
    void transactionsThatChangeNothingAreAFailure() {
        assertThatThrownBy(() -> AlternatingWriters.idsOfOne(7, 20))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("20 transactions used 7 transaction IDs, so not all of them changed a row");
    }

    @Test
    void theRatioIsThatOfTheThroughputs() {
        assertThat(new WriterCosts.Throughputs(300, 400).ratio()).isCloseTo(0.75, within(1e-9));
    }
}
