package io.ectowatch.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What {@code docker/monitoring} asks Prometheus. */
final class MonitoringFiles {

    static final Path DIRECTORY = Path.of("../../docker/monitoring");

    private static final Pattern METRIC = Pattern.compile("\\b(?:ectowatch|kafka)_[a-z0-9_]+");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +expr: (.+)$");
    private static final Pattern OPERATOR = Pattern.compile(
            " (?:or|and|unless) (?:on \\([a-z, ]*\\) )?| (?:>|==) (?:[0-9]+(?:\\.[0-9]+)?(?= (?:or|and|unless) |$))?");

    private MonitoringFiles() {}

    record Panel(String title, String type, String unit, List<String> queries, List<String> legends) {}

    /** The panels with queries. The variables are replaced: each connector, and an interval of 30 s. */
    static List<Panel> panels() throws IOException {
        List<Panel> panels = new ArrayList<>();
        JsonNode dashboard = new ObjectMapper()
                .readTree(DIRECTORY.resolve("grafana/dashboards/ectowatch.json").toFile());
        for (JsonNode panel : dashboard.path("panels")) {
            List<String> queries = new ArrayList<>();
            List<String> legends = new ArrayList<>();
            for (JsonNode target : panel.path("targets")) {
                queries.add(
                        target.path("expr").asText().replace("$connector", ".+").replace("$__rate_interval", "30s"));
                legends.add(target.path("legendFormat").asText());
            }
            if (!queries.isEmpty()) {
                panels.add(new Panel(
                        panel.path("title").asText(),
                        panel.path("type").asText(),
                        panel.at("/fieldConfig/defaults/unit").asText(),
                        queries,
                        legends));
            }
        }
        return panels;
    }

    static List<String> alerts() throws IOException {
        return ALERT.matcher(Files.readString(DIRECTORY.resolve("alerts.yml")))
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    /**
     * The parts of an alert's query that have a value also when nothing is wrong: the operands of comparisons and of
     * set operators, as of now.
     */
    static List<String> operands(String query) {
        return OPERATOR.splitAsStream(query.replaceAll(" offset [0-9]+m", ""))
                .filter(operand -> !operand.isBlank())
                .toList();
    }

    /** The names of all metrics that the panels and alerts use. */
    static Set<String> metrics() throws IOException {
        Set<String> metrics = new TreeSet<>();
        List<String> queries = new ArrayList<>(alerts());
        panels().forEach(panel -> queries.addAll(panel.queries()));
        for (String query : queries) {
            METRIC.matcher(query).results().map(MatchResult::group).forEach(metrics::add);
        }
        return metrics;
    }
}
