package io.ectowatch.benchmarks.report;

import io.ectowatch.benchmarks.probe.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was measured, kept in a file as it comes, so that a long comparison can be made of several short runs. */
public final class Results {

    private final Path file;
    private final List<Measurement> measurements = new ArrayList<>();

    private Results(Path file) {
        this.file = file;
    }

    /** What is in the file already, if there is one, and what comes. */
    public static Results in(Path file) throws IOException {
        Results results = new Results(file);
        if (Files.exists(file)) {
            Files.readAllLines(file).forEach(line -> results.measurements.add(Measurement.of(line)));
        }
        return results;
    }

    /** Forgets what a contender did in a workload before. */
    public void forget(String workload, String contender) throws IOException {
        measurements.removeIf(
                known -> known.workload().equals(workload) && known.contender().equals(contender));
        Files.write(file, measurements.stream().map(Measurement::line).toList());
    }

    public void add(String workload, String contender, String measure, String unit, double value) throws IOException {
        Measurement measurement = new Measurement(workload, contender, measure, unit, value);
        measurements.add(measurement);
        Files.write(file, List.of(measurement.line()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The measures of a workload with their units, in the order in which they were first taken. */
    Map<String, String> measures(String workload) {
        Map<String, String> measures = new LinkedHashMap<>();
        of(workload).forEach(measurement -> measures.putIfAbsent(measurement.measure(), measurement.unit()));
        return measures;
    }

    /** Who took part in a workload. */
    Set<String> contenders(String workload) {
        Set<String> contenders = new LinkedHashSet<>();
        of(workload).forEach(measurement -> contenders.add(measurement.contender()));
        return contenders;
    }

    /** The values of all rounds; maybe none. */
    Samples samples(String workload, String contender, String measure) {
        Samples samples = new Samples();
        of(workload).stream()
                .filter(measurement -> measurement.contender().equals(contender)
                        && measurement.measure().equals(measure))
                .forEach(measurement -> samples.add(measurement.value()));
        return samples;
    }

    private List<Measurement> of(String workload) {
        return measurements.stream()
                .filter(measurement -> measurement.workload().equals(workload))
                .toList();
    }
}
