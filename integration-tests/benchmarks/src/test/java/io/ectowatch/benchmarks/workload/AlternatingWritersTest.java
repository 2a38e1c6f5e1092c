package io.ectowatch.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ectowatch.benchmarks.workload.AlternatingWriters.Reading;
import io.ectowatch.benchmarks.workload.AlternatingWriters.Slices;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlternatingWritersTest {

    @Test
    void everySecondRoundIsInReverseOrder() {
        assertThat(AlternatingWriters.order(0)).containsExactly(true, false);
        assertThat(AlternatingWriters.order(1)).containsExactly(false, true);
        assertThat(AlternatingWriters.order(2)).containsExactly(true, false);
    }

    @Test
    void theRateIsThatOfTheTimeBetweenTwoReadings() {
        assertThat(AlternatingWriters.rate(new Reading(1_000, 10), new Reading(1_300, 10.5), 1))
                .isCloseTo(600, within(1e-9));
    }

    @Test
    void aTransactionThatUsesTwoIdsCountsOnce() {
        assertThat(AlternatingWriters.rate(new Reading(1_000, 10), new Reading(1_300, 10.5), 2))
                .isCloseTo(300, within(1e-9));
    }

    @Test
    void otherLoadInOneSliceDoesNotChangeTheRatio() {
        Slices slices = new Slices(List.of(70.0, 75.0, 160.0), List.of(100.0, 100.0, 20.0));
        assertThat(slices.ratio()).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void theRatioOfTwoRoundsIsInTheMiddle() {
        assertThat(new Slices(List.of(70.0, 80.0), List.of(100.0, 100.0)).ratio())
                .isCloseTo(0.75, within(1e-9));
    }

    @Test
    void theThroughputsAreMeans() {
        assertThat(new Slices(List.of(70.0, 80.0), List.of(100.0, 120.0)).means())
                .isEqualTo(new WriterCosts.Throughputs(75, 110));
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
