package io.ectowatch.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.RunningContender;
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
        List<Contender> contenders = List.of(new Named("durable", null), new Named("floor", null));
        return new Report(results, contenders).section(WALK, "a description", failures);
    }

    @Test
    void aCellHasMedianMinimumMaximumAndRatio() throws IOException {
        add("durable", 3, 9, 1);
        add("floor", 2);
        assertThat(section(Map.of()))
                .contains("| | `durable` | `floor` |", "| p50, ms | 3.00 (1.00 to 9.00), **1.50x** | 2.00 |");
    }

    @Test
    void thereIsNoRatioToZero() throws IOException {
        add("durable", 3);
        add("floor", 0);
        assertThat(section(Map.of())).contains("| p50, ms | 3.00 | 0 |");
    }

    @Test
    void aComparedMeasureHasARatioBetweenAllContenders() throws IOException {
        for (double value : new double[] {3, 9, 6}) {
            results.add("walk", "durable", "steps/s", "1/s", value);
        }
        results.add("walk", "floor", "steps/s", "1/s", 12);
        assertThat(section(Map.of())).contains("| `durable` | | 0.50 |", "| `floor` | 2.00 | |");
    }

    @Test
    void aContenderWithoutValuesHasNoColumn() throws IOException {
        add("floor", 2);
        assertThat(section(Map.of())).contains("| | `floor` |").doesNotContain("`durable`");
    }

    @Test
    void aFailureIsReportedWithItsReason() throws IOException {
        add("floor", 2);
        assertThat(section(Map.of("durable", "it could not connect"))).contains("`durable`", "it could not connect");
    }

    @Test
    void aWorkloadWithoutValuesHasNoSection() {
        assertThat(section(Map.of())).isEmpty();
    }

    @Test
    void earlierValuesAreKept() throws IOException {
        add("durable", 3);
        results = Results.in(directory.resolve("results.csv"));
        add("durable", 5, 4);
        assertThat(section(Map.of())).contains("| p50, ms | 4.00 (3.00 to 5.00) |");
    }

    @Test
    void removedValuesAreRemovedFromTheFile() throws IOException {
        add("durable", 3);
        add("floor", 2);
        results.remove("walk", "durable");
        assertThat(Files.readAllLines(directory.resolve("results.csv"))).containsExactly("walk;floor;p50;ms;2.0");
    }

    /** A workload and a contender with a name only. */
    private record Named(String name, String reference) implements Workload, Contender {

        @Override
        public String description(Options options) {
            return "";
        }

        @Override
        public List<String> compared() {
            return List.of("steps/s");
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
        public RunningContender start(Environment environment, List<String> tables) {
            throw new UnsupportedOperationException();
        }
    }
}
