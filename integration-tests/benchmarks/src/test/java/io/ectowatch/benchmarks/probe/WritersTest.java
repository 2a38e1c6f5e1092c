package io.ectowatch.benchmarks.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ectowatch.benchmarks.probe.Writers.Written;
import org.junit.jupiter.api.Test;

class WritersTest {

    private static final String PGBENCH = """
            pgbench (16.4)
            progress: 1.0 s, 100.0 tps, lat 10.0 ms stddev 1.0, 0 failed
            progress: 2.0 s, 300.0 tps, lat 3.0 ms stddev 1.0, 0 failed
            progress: 3.0 s, 500.0 tps, lat 2.0 ms stddev 1.0, 0 failed
            transaction type: /tmp/writers.sql
            number of transactions actually processed: 907
            number of failed transactions: 0 (0.000%)
            tps = 302.3 (without initial connection time)
            """;

    @Test
    void theRateIsWithoutTheFirstSecondAndTheSummary() {
        assertThat(Written.of(PGBENCH, 3, 0).rate()).isEqualTo(400);
    }

    @Test
    void theTransactionsAreThoseOfAllSeconds() {
        assertThat(Written.of(PGBENCH, 3, 0).transactions()).isEqualTo(907);
    }

    @Test
    void anOutputWithoutTransactionsIsAFailure() {
        assertThatThrownBy(() -> Written.of(PGBENCH.replace("processed", "lost"), 3, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transactions actually lost");
    }
}
