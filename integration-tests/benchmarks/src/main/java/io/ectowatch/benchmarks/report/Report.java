package io.ectowatch.benchmarks.report;

import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.probe.Samples;
import io.ectowatch.benchmarks.workload.Workload;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Formats the results as Markdown: a table for each workload, with a row for each measure and a column for each
 * contender.
 */
public final class Report {

    private final Results results;
    private final List<Contender> contenders;

    /** @param contenders in the order of the columns */
    public Report(Results results, List<Contender> contenders) {
        this.results = results;
        this.contenders = contenders;
    }

    /** The table that describes the contenders. */
    public String contenders() {
        StringBuilder text = new StringBuilder("| contender | |\n|---|---|\n");
        contenders.forEach(
                contender -> text.append("| `%s` | %s |\n".formatted(contender.name(), contender.description())));
        return text.toString();
    }

    /**
     * The section of one workload. Empty if nothing was measured.
     *
     * @param description of the workload
     * @param failures the errors of contenders, by name
     */
    public String section(Workload workload, String description, Map<String, String> failures) {
        Map<String, String> measures = results.measures(workload.name());
        StringBuilder text = new StringBuilder();
        if (!measures.isEmpty() || !failures.isEmpty()) {
            text.append("\n## ").append(workload.name()).append("\n\n");
            text.append(description).append("\n");
        }
        if (!measures.isEmpty()) {
            table(workload, measures, text);
            workload.compared().forEach(measure -> ratios(workload, measure, text));
        }
        failures.forEach((contender, reason) -> text.append("\n**`%s` failed:** %s\n".formatted(contender, reason)));
        return text.toString();
    }

    private void table(Workload workload, Map<String, String> measures, StringBuilder text) {
        List<String> columns = columns(workload);
        text.append("\n| | `").append(String.join("` | `", columns)).append("` |\n");
        text.append("|---".repeat(columns.size() + 1)).append("|\n");
        measures.forEach((measure, unit) -> {
            text.append("| %s%s |".formatted(measure, unit.isEmpty() ? "" : ", " + unit));
            for (String contender : columns) {
                text.append(" ").append(cell(workload, contender, measure)).append(" |");
            }
            text.append("\n");
        });
        if (columns.contains(workload.reference()) && columns.size() > 1) {
            text.append("\nx: the median divided by that of `%s`.\n".formatted(workload.reference()));
        }
    }

    /** A table of the ratios of the medians between all contenders. */
    private void ratios(Workload workload, String measure, StringBuilder text) {
        List<String> known = columns(workload).stream()
                .filter(contender ->
                        results.samples(workload.name(), contender, measure).count() > 0)
                .toList();
        if (known.size() < 2) {
            return;
        }
        text.append("\n| %s divided by that of | `%s` |\n".formatted(measure, String.join("` | `", known)));
        text.append("|---".repeat(known.size() + 1)).append("|\n");
        for (String one : known) {
            text.append("| `%s` |".formatted(one));
            for (String other : known) {
                double ratio = results.samples(workload.name(), one, measure).median()
                        / results.samples(workload.name(), other, measure).median();
                text.append(one.equals(other) ? " |" : String.format(Locale.ROOT, " %.2f |", ratio));
            }
            text.append("\n");
        }
    }

    private List<String> columns(Workload workload) {
        var present = results.contenders(workload.name());
        return contenders.stream()
                .map(Contender::name)
                .filter(present::contains)
                .toList();
    }

    private String cell(Workload workload, String contender, String measure) {
        Samples samples = results.samples(workload.name(), contender, measure);
        if (samples.count() == 0) {
            return "";
        }
        String text = number(samples.median());
        if (samples.count() > 1) {
            text += " (%s to %s)".formatted(number(samples.least()), number(samples.greatest()));
        }
        Samples reference = results.samples(workload.name(), workload.reference(), measure);
        if (reference.count() > 0 && reference.median() > 0 && !contender.equals(workload.reference())) {
            text += String.format(Locale.ROOT, ", **%.2fx**", samples.median() / reference.median());
        }
        return text;
    }

    /** Formats a number with three significant digits, or with all its integer digits. */
    static String number(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
