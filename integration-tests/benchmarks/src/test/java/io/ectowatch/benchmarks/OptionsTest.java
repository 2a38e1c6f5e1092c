package io.ectowatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void aSmokeRunIsShort() {
        assertThat(new Options(new Properties(), true).backlog())
                .isLessThan(new Options(new Properties(), false).backlog());
    }

    @Test
    void aSmokeRunUsesGivenOptions() {
        Properties given = new Properties();
        given.setProperty("bench.backlog", "77");
        assertThat(new Options(given, true).backlog()).isEqualTo(77);
    }

    @Test
    void aSmokeRunDoesNotWarmUp() {
        assertThat(new Options(new Properties(), true).warmUp()).isZero();
        assertThat(new Options(new Properties(), false).warmUp()).isPositive();
    }

    @Test
    void aListIsSeparatedByCommas() {
        Properties given = new Properties();
        given.setProperty("bench.writers", "2,8");
        assertThat(new Options(given, false).writers()).containsExactly(2, 8);
    }
}
