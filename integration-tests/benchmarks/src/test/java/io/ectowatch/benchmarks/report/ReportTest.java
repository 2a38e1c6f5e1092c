package io.ectowatch.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.benchmarks.Arena;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Running;
import io.ectowatch.benchmarks.workload.Turn;
import io.ectowatch.benchmarks.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final Workload WALK = new Named("walk", "floor");

    @TempDir
    Path directory;

    private Results results;

    @BeforeEach
    void empty() throws IOException {
        results = Results.in(directory.resolve("results.csv"));
    }

    private void add(String contender, double... values) throws IOException {
        for (double value : values) {
            results.add("walk", contender, "p50", "ms", value);
        }
    }

    private String section(Map<String, String> failures) {
        List<Contender> contenders = List.of(new Named("ours", null), new Named("floor", null));
        return new Report(results, contenders).section(WALK, "how it was done", failures);
    }

    @Test
    void aFigureIsTheMedianWithLeastAndGreatestAndItsRatio() throws IOException {
        add("ours", 3, 9, 1);
        add("floor", 2);
        assertThat(section(Map.of()))
                .contains("| | `ours` | `floor` |", "| p50, ms | 3.00 (1.00 to 9.00), **1.50x** | 2.00 |");
    }

    @Test
    void nothingIsDividedByZero() throws IOException {
        add("ours", 3);
        add("floor", 0);
        assertThat(section(Map.of())).contains("| p50, ms | 3.00 | 0 |");
    }

    @Test
    void whoDidNotTakePartHasNoColumn() throws IOException {
        add("floor", 2);
        assertThat(section(Map.of())).contains("| | `floor` |").doesNotContain("`ours`");
    }

    @Test
    void aFailureIsToldWithItsReason() throws IOException {
        add("floor", 2);
        assertThat(section(Map.of("ours", "it could not connect"))).contains("`ours`", "it could not connect");
    }

    @Test
    void aWorkloadThatWasNotRunIsLeftOut() {
        assertThat(section(Map.of())).isEmpty();
    }

    @Test
    void whatWasMeasuredBeforeIsKept() throws IOException {
        add("ours", 3);
        results = Results.in(directory.resolve("results.csv"));
        add("ours", 5, 4);
        assertThat(section(Map.of())).contains("| p50, ms | 4.00 (3.00 to 5.00) |");
    }

    @Test
    void whatIsForgottenIsGoneFromTheFileToo() throws IOException {
        add("ours", 3);
        add("floor", 2);
        results.forget("walk", "ours");
        assertThat(Files.readAllLines(directory.resolve("results.csv"))).containsExactly("walk;floor;p50;ms;2.0");
    }

    /** A workload and a contender of which only the name matters. */
    private record Named(String name, String reference) implements Workload, Contender {

        @Override
        public String description(Options options) {
            return "";
        }

        @Override
        public boolean takes(Contender contender) {
            return true;
        }

        @Override
        public void turn(Turn turn) {}

        @Override
        public String description() {
            return "";
        }

        @Override
        public Set<Trait> traits() {
            return Set.of();
        }

        @Override
        public Running start(Arena arena, List<String> tables) {
            throw new UnsupportedOperationException();
        }
    }
}
