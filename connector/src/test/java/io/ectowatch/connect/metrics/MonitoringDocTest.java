package io.ectowatch.connect.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.ectowatch.connect.EctoWatchSourceConnector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The files of {@code docker/monitoring} agree with the connector, with each other and with the documentation. {@code
 * MonitoringIT} runs them with a real Prometheus.
 */
class MonitoringDocTest {

    private static final Path ROOT = Path.of("..");
    private static final Path FILES = ROOT.resolve("docker/monitoring");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern METRIC = Pattern.compile("\\bectowatch_[a-z0-9_]+");
    private static final Pattern HEADING = Pattern.compile("(?m)^## (.+?) *$");

    @Test
    void everyMetricOfTheAlertsAndOfTheDashboardIsOneThatTheConnectorHas() throws IOException {
        Set<String> used = new TreeSet<>();
        for (String query : queries()) {
            used.addAll(found(METRIC, query));
        }

        assertThat(used).hasSizeGreaterThan(20);
        assertThat(exported().keySet()).containsAll(used);
    }

    /** Else the exporter would cut the suffix off. */
    @Test
    void everyMetricOfTheConnectorIsExportedAndTheEndOfItsNameTellsItsType() throws IOException {
        Map<String, String> exported = exported();

        assertThat(exported).hasSizeGreaterThan(30);
        exported.forEach(
                (name, type) -> assertThat(name.endsWith("_total")).as(name).isEqualTo(type.equals("COUNTER")));
        assertThat(exported.keySet()).noneMatch(name -> name.matches(".*_(info|created|bucket)"));
        assertThat(exported)
                .containsEntry("ectowatch_behind_ms_p95", "GAUGE")
                .containsEntry("ectowatch_events_total", "COUNTER")
                .containsEntry("ectowatch_resyncs_total", "COUNTER")
                .containsEntry("ectowatch_gaps_total", "COUNTER")
                .containsEntry("ectowatch_table_changes_total", "COUNTER")
                .containsEntry("ectowatch_connector_exists", "GAUGE")
                .doesNotContainKeys("ectowatch_inserted_total", "ectowatch_read_total", "ectowatch_resyncs_loss_total");
    }

    @Test
    void everyAlertLeadsToAHeadingOfTheRunbookAndEveryHeadingHasAnAlert() throws IOException {
        String home = Files.readString(ROOT.resolve("pom.xml")).replaceFirst("(?s).*<project.home>(.*?)<.*", "$1");
        String page = Files.readString(Path.of("docs/operations.md"));
        Set<String> headings = new HashSet<>();
        for (String section : page.split("(?m)^(?=## )")) {
            Matcher heading = HEADING.matcher(section);
            if (heading.find() && section.contains("- **Alert:**")) {
                headings.add(home + "/blob/main/connector/docs/operations.md#" + anchor(heading.group(1)));
            }
        }
        Set<String> named = new HashSet<>();
        alerts().forEach(alert -> named.add(alert.at("/annotations/runbook_url").asText()));

        assertThat(headings).hasSizeGreaterThan(8);
        assertThat(named).isEqualTo(headings);
    }

    @Test
    void everyAlertSaysHowSevereItIsAndWhatItMeans() throws IOException {
        assertThat(alerts()).isNotEmpty().allSatisfy(alert -> {
            assertThat(alert.at("/labels/severity").asText()).isIn("warning", "critical");
            assertThat(alert.at("/annotations/summary").asText()).contains("{{ $labels.connector }}");
            assertThat(alert.at("/annotations/description").asText()).endsWith(".");
        });
    }

    @Test
    void theUnitTestsOfTheAlertsNameEachOfThem() throws IOException {
        String tests =
                Files.readString(ROOT.resolve("integration-tests/tests/src/test/resources/monitoring/alerts-test.yml"));

        assertThat(alerts()).allSatisfy(alert -> assertThat(tests)
                .contains("alertname=\"" + alert.path("alert").asText() + "\""));
    }

    @Test
    void noPanelOverlapsAnotherAndEachSaysWhatItShows() throws IOException {
        Set<Integer> ids = new HashSet<>();
        Set<String> cells = new HashSet<>();
        for (JsonNode panel : dashboard().path("panels")) {
            String title = panel.path("title").asText();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            JsonNode place = panel.path("gridPos");
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    assertThat(place.path("x").asInt() + x).as(title).isLessThan(24);
                    assertThat(cells.add((place.path("x").asInt() + x) + " "
                                    + (place.path("y").asInt() + y)))
                            .as(title)
                            .isTrue();
                }
            }
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.path("description").asText()).as(title).endsWith(".");
                assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
            }
        }
        assertThat(ids).hasSizeGreaterThan(15);
    }

    @Test
    void theLinesForStrimziAreThoseOfTheFile() throws IOException {
        String file = Files.readString(FILES.resolve("jmx-exporter.yaml"));
        String rules = file.substring(file.indexOf("  # Part 1"), file.indexOf("  # Part 2"))
                .replaceFirst("  #.*\n", "")
                .stripTrailing();

        assertThat(Files.readString(Path.of("docs/prometheus.md"))).contains(rules.indent(4));
    }

    @Test
    void theImageAndTheDocumentationNameTheExporterThatTheBuildTests() throws IOException {
        String version =
                Files.readString(ROOT.resolve("pom.xml")).replaceFirst("(?s).*<jmx-exporter.version>(.*?)<.*", "$1");
        Pattern exporter = Pattern.compile("jmx_prometheus_javaagent[:-]([0-9][0-9.]*[0-9])");

        for (Path file : List.of(ROOT.resolve("docker/Dockerfile"), Path.of("docs/prometheus.md"))) {
            assertThat(exporter.matcher(Files.readString(file)).results().map(found -> found.group(1)))
                    .as(file.toString())
                    .isNotEmpty()
                    .containsOnly(version);
        }
    }

    /** Each name with its type, as the exporter makes them of the attributes of the MBeans. */
    private static Map<String, String> exported() throws IOException {
        List<String> attributes = new ArrayList<>();
        TaskMetrics metrics = new TaskMetrics();
        metrics.tables().counter("public.users");
        for (String metric : metrics.values(true).keySet()) {
            String[] nameAndTable = metric.split(" ");
            String tag = nameAndTable.length == 1 ? "" : ", table=" + nameAndTable[1];
            attributes.add(
                    "kafka.connect<type=plugins, connector=shop, task=0" + tag + "><>" + nameAndTable[0] + ": 0");
        }
        attributes.add("kafka.connect<type=connector-metrics, connector=shop><>connector-class: "
                + EctoWatchSourceConnector.class.getName());
        JsonNode rules = YAML.readTree(Files.readString(FILES.resolve("jmx-exporter.yaml")))
                .path("rules");
        Map<String, String> names = new TreeMap<>();
        for (String attribute : attributes) {
            for (JsonNode rule : rules) {
                // As in JmxCollector: the pattern may match a part, and the first rule that matches counts.
                Matcher matcher = Pattern.compile(
                                "^.*(?:" + rule.path("pattern").asText() + ").*$")
                        .matcher(attribute);
                if (matcher.matches()) {
                    String name = matcher.replaceAll(rule.path("name").asText()).replaceAll("[^a-zA-Z0-9:_]", "_");
                    names.put(name, rule.path("type").asText());
                    break;
                }
            }
        }
        return names;
    }

    private static List<String> queries() throws IOException {
        List<String> queries = new ArrayList<>();
        alerts().forEach(alert -> queries.add(alert.path("expr").asText()));
        for (JsonNode panel : dashboard().path("panels")) {
            panel.path("targets")
                    .forEach(target -> queries.add(target.path("expr").asText()));
        }
        dashboard()
                .at("/templating/list")
                .forEach(variable ->
                        queries.add(variable.path("query").path("query").asText()));
        return queries;
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        YAML.readTree(Files.readString(FILES.resolve("alerts.yml")))
                .at("/groups/0/rules")
                .forEach(alerts::add);
        return alerts;
    }

    private static JsonNode dashboard() throws IOException {
        try (Stream<Path> files = Files.list(FILES.resolve("grafana/dashboards"))) {
            return new ObjectMapper().readTree(files.findFirst().orElseThrow().toFile());
        }
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-');
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).toList();
    }
}
