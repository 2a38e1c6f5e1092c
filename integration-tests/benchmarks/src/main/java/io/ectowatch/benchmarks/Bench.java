package io.ectowatch.benchmarks;

import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contenders;
import io.ectowatch.benchmarks.report.Charts;
import io.ectowatch.benchmarks.report.Report;
import io.ectowatch.benchmarks.report.Results;
import io.ectowatch.benchmarks.workload.Turn;
import io.ectowatch.benchmarks.workload.WarmUp;
import io.ectowatch.benchmarks.workload.Workload;
import io.ectowatch.benchmarks.workload.Workloads;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.choice.Stacks;
import io.ectowatch.testkit.embedded.EmbeddedStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the workloads of {@code -Dbench.workloads} with the contenders of {@code -Dbench.contenders} (by default
 * {@link Contenders#usual}) on one stack. In each round, all contenders run one after another. Writes the results to {@code
 * integration-tests/target/bench/}.
 */
public final class Bench {

    private final Options options = Options.ofSystemProperties();
    private final Path output =
            Path.of(System.getProperty("bench.output", "target/bench")).normalize();
    private final Map<String, Map<String, String>> failures = new LinkedHashMap<>();
    private final List<Workload> workloads;
    private final List<Contender> contenders;
    private final Results results;

    private Bench(List<Workload> workloads, List<Contender> contenders) throws IOException {
        this.workloads = workloads;
        this.contenders = contenders;
        Files.createDirectories(output);
        results = Results.in(output.resolve("results.csv"));
    }

    public static void main(String[] arguments) throws Exception {
        List<Workload> workloads = Selection.of("bench.workloads", Workloads.all(), Workloads.all(), Workload::name);
        List<Contender> contenders =
                Selection.of("bench.contenders", Contenders.all(), Contenders.usual(), Contender::name);
        new Bench(workloads, contenders).run();
    }

    private void run() throws Exception {
        if (!Boolean.getBoolean("bench.append")) {
            for (Workload workload : workloads) {
                for (Contender contender : contenders) {
                    results.remove(workload.name(), contender.name());
                }
            }
        }
        System.setProperty(EmbeddedStack.JVM_OPTIONS, options.jvm());
        System.setProperty(EmbeddedStack.BROKER_HEAP, options.brokerHeap());
        System.setProperty(EmbeddedStack.WORKER_HEAP, options.workerHeap());
        try (Stack stack = Stacks.start()) {
            Environment environment = Environment.on(stack);
            warmUp(environment);
            for (Workload workload : workloads) {
                run(environment, workload);
            }
            write(Machine.of(environment).text());
        }
        if (options.smoke() && failures.values().stream().anyMatch(failed -> !failed.isEmpty())) {
            throw new IllegalStateException("some contenders failed, see the report");
        }
    }

    /** Runs all contenders for a while before the measurement. Ignores failures. */
    private void warmUp(Environment environment) {
        if (options.warmUp() > 0 && options.rounds() > 0) {
            Workload workload = new WarmUp();
            System.out.println(workload.name() + ": " + workload.description(options));
            failures.put(workload.name(), new LinkedHashMap<>());
            round(environment, workload, false);
            failures.remove(workload.name());
        }
    }

    private void run(Environment environment, Workload workload) throws IOException {
        if (options.rounds() > 0) {
            Files.writeString(descriptionOf(workload), workload.description(options));
        }
        failures.put(workload.name(), new LinkedHashMap<>());
        for (int round = 1; round <= options.rounds(); round++) {
            System.out.printf("%s: round %d of %d%n", workload.name(), round, options.rounds());
            round(environment, workload, true);
        }
    }

    /** Runs each contender that has not failed in this workload. */
    private void round(Environment environment, Workload workload, boolean counts) {
        for (Contender contender : contenders) {
            Map<String, String> failed = failures.get(workload.name());
            if (!workload.takes(contender) || failed.containsKey(contender.name())) {
                continue;
            }
            long begin = System.nanoTime();
            try {
                turn(workload, new Turn(environment, options, contender, (measure, unit, value) -> {
                    if (counts) {
                        keep(workload, contender, measure, unit, value);
                    }
                }));
                System.out.printf(
                        "    %s took %d s%n",
                        contender.name(),
                        Duration.ofNanos(System.nanoTime() - begin).toSeconds());
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    throw new IllegalStateException("interrupted", e);
                }
                String reason = Failure.of(e);
                failed.put(contender.name(), reason);
                System.out.printf("    %s failed: %s%n", contender.name(), reason);
            }
        }
    }

    private void turn(Workload workload, Turn turn) throws Exception {
        if (!Boolean.getBoolean("bench.profile")) {
            workload.turn(turn);
            return;
        }
        String name = workload.name() + "-" + turn.contender().name();
        Profile profile = Profile.begin(turn.environment(), output, name);
        try {
            workload.turn(turn);
        } finally {
            profile.end();
        }
    }

    private void keep(Workload workload, Contender contender, String measure, String unit, double value) {
        try {
            results.add(workload.name(), contender.name(), measure, unit, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The description from the run that was measured, which can be an earlier run with other options. */
    private String description(Workload workload) throws IOException {
        Path file = descriptionOf(workload);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private Path descriptionOf(Workload workload) {
        return output.resolve(workload.name() + ".txt");
    }

    private void write(String machine) throws IOException {
        Report report = new Report(results, Contenders.all());
        Charts charts = new Charts(results, Contenders.all());
        StringBuilder text = new StringBuilder("# Benchmark\n\n")
                .append(machine)
                .append("\n")
                .append(report.contenders());
        for (Workload workload : Workloads.all()) {
            text.append(
                    report.section(workload, description(workload), failures.getOrDefault(workload.name(), Map.of())));
            charts.draw(workload, output);
        }
        Path file = output.resolve("report.md");
        Files.writeString(file, text);
        System.out.println(text);
        System.out.println("The report and the charts are in " + output);
    }
}
