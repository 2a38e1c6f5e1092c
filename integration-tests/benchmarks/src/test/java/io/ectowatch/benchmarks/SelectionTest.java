package io.ectowatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SelectionTest {

    private static final List<String> ALL = List.of("latency", "drain", "idle");

    private static final List<String> USUAL = List.of("latency", "drain");

    private static List<String> selected(String given) {
        return Selection.of("bench.workloads", given, ALL, USUAL, Function.identity());
    }

    @Test
    void anEmptyPropertySelectsTheUsualOnes() {
        assertThat(selected("")).isEqualTo(USUAL);
    }

    @Test
    void namesCanHaveAnyOrderAndSpaces() {
        assertThat(selected("idle, latency")).containsExactly("latency", "idle");
    }

    @Test
    void anUnknownNameIsRejectedWithTheKnownNames() {
        assertThatThrownBy(() -> selected("latency,dran"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Dbench.workloads: unknown name dran. Choose from: latency, drain, idle");
    }
}
