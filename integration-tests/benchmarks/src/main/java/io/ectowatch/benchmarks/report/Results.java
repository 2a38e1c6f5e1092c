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

/** The measured values. Appends each to a file at once, so that several short runs can be combined. */
public final class Results {

    private final Path file;
    private final List<Measurement> measurements = new ArrayList<>();

    private Results(Path file) {
        this.file = file;
    }

    /** Reads the file if it exists. New values are appended to it. */
    public static Results in(Path file) throws IOException {
        Results results = new Results(file);
        if (Files.exists(file)) {
            Files.readAllLines(file).forEach(line -> results.measurements.add(Measurement.of(line)));
        }
        return results;
    }

    /** Removes the earlier values of a contender in a workload. */
    public void remove(String workload, String contender) throws IOException {
        measurements.removeIf(
                known -> known.workload().equals(workload) && known.contender().equals(contender));
        Files.write(file, measurements.stream().map(Measurement::line).toList());
    }

    public void add(String workload, String contender, String measure, String unit, double value) throws IOException {
        Measurement measurement = new Measurement(workload, contender, measure, unit, value);
        measurements.add(measurement);
        Files.write(file, List.of(measurement.line()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The measures of a workload with their units, in the order of the first measurement. */
    Map<String, String> measures(String workload) {
        Map<String, String> measures = new LinkedHashMap<>();
        of(workload).forEach(measurement -> measures.putIfAbsent(measurement.measure(), measurement.unit()));
        return measures;
    }

    /** The contenders that have values in a workload. */
    Set<String> contenders(String workload) {
        Set<String> contenders = new LinkedHashSet<>();
        of(workload).forEach(measurement -> contenders.add(measurement.contender()));
        return contenders;
    }

    /** The values of all rounds. Can be empty. */
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
