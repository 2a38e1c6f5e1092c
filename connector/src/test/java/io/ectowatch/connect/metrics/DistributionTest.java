package io.ectowatch.connect.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Distribution distribution = new Distribution();

    @RepeatedTest(20)
    void percentilesAreExactToOnePartInEight() {
        Random random = new Random();
        long[] values = random.longs(1 + random.nextInt(1000), 0, 1L << random.nextInt(1, 40))
                .toArray();
        for (long value : values) {
            distribution.record(value, 0);
        }
        Arrays.sort(values);

        for (int percent : new int[] {1, 50, 95, 99, 100}) {
            long exact = values[(values.length * percent + 99) / 100 - 1];
            assertThat(distribution.percentile(percent, 0))
                    .as("%d of %s", percent, Arrays.toString(values))
                    .isBetween(exact, exact + exact / 8 + 1);
        }
        assertThat(distribution.max(0)).isEqualTo(values[values.length - 1]);
        assertThat(distribution.average(0)).isEqualTo(Arrays.stream(values).sum() / values.length);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 62, 0, -1})
    void anyValueCanBeRecorded(long value) {
        distribution.record(value, 0);

        assertThat(distribution.percentile(99, 0)).isEqualTo(Math.max(value, 0));
    }

    @Test
    void valuesOlderThanAMinuteDoNotCount() {
        distribution.record(1000, 0);
        distribution.record(10, 40 * SECOND);

        assertThat(distribution.max(50 * SECOND)).isEqualTo(1000);
        assertThat(distribution.max(61 * SECOND)).isEqualTo(10);
        assertThat(distribution.max(101 * SECOND)).isZero();
        assertThat(distribution.percentile(50, 101 * SECOND)).isZero();
        assertThat(distribution.average(101 * SECOND)).isZero();
    }

    @Test
    void withoutValuesEverythingIsZero() {
        assertThat(distribution.max(0)).isZero();
        assertThat(distribution.average(0)).isZero();
        assertThat(distribution.percentile(99, 0)).isZero();
    }
}
