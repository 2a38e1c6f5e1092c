package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The workflows and templates of .github: they are valid YAML, and name only files and versions that the build knows. */
class WorkflowsTest {

    private static final Path ROOT = Path.of("..");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern SCRIPT = Pattern.compile("(?m)^ *(?:- )?run: ([a-z./-]+\\.sh)");
    private static final Pattern MODULES = Pattern.compile("-pl (\\S+)");
    private static final Pattern PROFILE = Pattern.compile("-P([a-z]+)");

    @Test
    void everyFileIsYaml() throws IOException {
        List<Path> files = files();

        assertThat(files).hasSizeGreaterThan(7);
        for (Path file : files) {
            assertThat(YAML.readTree(Files.readString(file)))
                    .as(file.toString())
                    .isNotEmpty();
        }
    }

    @Test
    void actionlintAndYamllintFindNothingWhereThisMachineHasThem() throws Exception {
        Process lint = new ProcessBuilder("bash", ".github/lint.sh")
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        String findings = new String(lint.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(lint.waitFor()).as(findings).isZero();
        assumeThat(findings).doesNotContain("SKIPPED");
    }

    @Test
    void everyJobHasATimeLimitAndAsksOnlyForRightsThatItNames() throws IOException {
        for (Path file : workflows()) {
            JsonNode workflow = YAML.readTree(Files.readString(file));
            assertThat(workflow.at("/permissions/contents").asText())
                    .as(file.toString())
                    .isEqualTo("read");
            assertThat(workflow.path("jobs")).isNotEmpty().allSatisfy(job -> {
                assertThat(job.path("timeout-minutes").asInt()).isPositive();
                assertThat(job.path("steps")).isNotEmpty();
            });
        }
    }

    @Test
    void whatTheWorkflowsRunExists() throws IOException {
        List<String> missing = new ArrayList<>();
        String pom = Files.readString(ROOT.resolve("pom.xml"))
                + Files.readString(ROOT.resolve("integration-tests/tests/pom.xml"));
        for (Path file : workflows()) {
            String text = Files.readString(file);
            for (String script : found(SCRIPT, text)) {
                if (!Files.isExecutable(ROOT.resolve(script))) {
                    missing.add(script);
                }
            }
            for (String modules : found(MODULES, text)) {
                for (String module : modules.split(",")) {
                    if (!Files.exists(ROOT.resolve(module).resolve("pom.xml"))) {
                        missing.add(module);
                    }
                }
            }
            for (String profile : found(PROFILE, text)) {
                if (!pom.contains("<id>" + profile + "</id>")) {
                    missing.add("profile " + profile);
                }
            }
        }

        assertThat(missing).isEmpty();
    }

    /** The workflow `release` looks for it when the tag is there, which is late. */
    @Test
    void theChangelogHasTheVersionThatATagOfTheseSourcesWouldHave() throws IOException {
        String version = new EctoWatchSourceConnector().version().replace("-SNAPSHOT", "");

        assertThat(Files.readAllLines(ROOT.resolve("CHANGELOG.md")))
                .anyMatch(line -> line.matches("## " + Pattern.quote(version) + " - \\d{4}-\\d\\d-\\d\\d"));
    }

    @Test
    void theJdksBeginWithTheOneThatTheClassesAreCompiledFor() throws IOException {
        JsonNode verify = YAML.readTree(Files.readString(ROOT.resolve(".github/workflows/verify.yml")));

        assertThat(Files.readString(ROOT.resolve("pom.xml")))
                .contains("<maven.compiler.release>"
                        + verify.at("/jobs/tests/strategy/matrix/java/0").asText() + "<");
    }

    @Test
    void thePostgresqlVersionsAreThoseOfTheCompatibilityScript() throws IOException {
        JsonNode nightly = YAML.readTree(Files.readString(ROOT.resolve(".github/workflows/nightly.yml")));
        List<String> versions = new ArrayList<>();
        nightly.at("/jobs/postgresql/strategy/matrix/postgresql").forEach(version -> versions.add(version.asText()));
        String script = Files.readString(ROOT.resolve("integration-tests/compatibility.sh"));

        assertThat(versions)
                .containsExactlyElementsOf(
                        new TreeSet<>(found(Pattern.compile("(?m)^ +\"[0-9.]+ ([0-9.]+)\"$"), script)));
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }

    private static List<Path> workflows() throws IOException {
        return files().stream()
                .filter(file -> file.getParent().endsWith("workflows"))
                .toList();
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(".github"))) {
            return files.filter(file -> file.toString().endsWith(".yml"))
                    .sorted()
                    .toList();
        }
    }
}
