package io.ectowatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ChoiceTest {

    private static final List<String> ALL = List.of("latency", "drain", "idle");

    private static List<String> chosen(String given) {
        return Choice.of("bench.workloads", given, ALL, Function.identity());
    }

    @Test
    void nothingGivenIsAll() {
        assertThat(chosen("")).isEqualTo(ALL);
    }

    @Test
    void theNamesMayComeInAnyOrderWithSpaces() {
        assertThat(chosen("idle, latency")).containsExactly("latency", "idle");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheKnownOnes() {
        assertThatThrownBy(() -> chosen("latency,dran"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Dbench.workloads: dran is not known; known are: latency, drain, idle");
    }
}
