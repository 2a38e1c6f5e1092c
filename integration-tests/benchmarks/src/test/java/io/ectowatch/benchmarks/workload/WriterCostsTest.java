package io.ectowatch.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ectowatch.benchmarks.probe.Writers.Written;
import org.junit.jupiter.api.Test;

class WriterCostsTest {

    private static Written written(long transactions) {
        return new Written(1, transactions, 6, 0);
    }

    @Test
    void withoutWorkThatRemainsTheRatioIsThatOfTheTransactions() {
        assertThat(WriterCosts.ratio(written(900), written(600), 0, written(1_100)))
                .isCloseTo(0.6, within(1e-9));
    }

    @Test
    void aFurtherTimeAsLongAsTheWritingHalvesTheRatio() {
        assertThat(WriterCosts.ratio(written(900), written(600), 6, written(1_100)))
                .isCloseTo(0.3, within(1e-9));
    }
}
