package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.ectowatch.connect.config.ConnectorConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file of config-examples/ is a configuration that the connector accepts. */
class ConfigExamplesTest {

    private static final Path EXAMPLES = Path.of("../config-examples");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    /** Settings that are checked elsewhere: watchers' with the connector's other settings, Connect's when the examples are run. */
    private static final Pattern OTHERS =
            Pattern.compile("(watchers|connection\\.properties|transforms|topic\\.creation"
                    + "|producer\\.override|key\\.converter|value\\.converter|errors)\\..+"
                    + "|connector\\.class|tasks\\.max|transforms|key\\.converter|value\\.converter"
                    + "|exactly\\.once\\.support|transaction\\.boundary(\\.interval\\.ms)?");

    private static final String VERSION = new EctoWatchSourceConnector().version();

    static List<Path> connectors() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("kafka-connect.yaml") && !file.endsWith("README.md"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("connectors")
    void anExampleOfAConnectorHasNoErrors(Path file) throws IOException {
        Map<String, String> config = config(file);

        assertThat(config).containsEntry("connector.class", EctoWatchSourceConnector.class.getName());
        assertThat(ConnectorConfig.validate(config).stream()
                        .map(ConfigValue::errorMessages)
                        .flatMap(List::stream))
                .isEmpty();
    }

    /** A new example must be added here, to the list of all examples, and where they are run. */
    @Test
    void thereAreThirteenAndEachIsInTheList() throws IOException {
        assertThat(connectors()).hasSize(13);
        String list = Files.readString(EXAMPLES.resolve("README.md"));
        assertThat(connectors())
                .extracting(file -> EXAMPLES.relativize(file).getName(0).toString())
                .allSatisfy(name -> assertThat(list).contains("| [" + name + "](" + name + ") |"));
    }

    /** Connect ignores what it does not know, a misspelt setting too. */
    @ParameterizedTest
    @MethodSource("connectors")
    void everySettingBelongsToTheConnectorOrToConnect(Path file) throws IOException {
        Set<String> ours = ConnectorConfig.configDef().names();

        assertThat(config(file).keySet()).filteredOn(key -> !ours.contains(key)).allMatch(key -> OTHERS.matcher(key)
                .matches());
    }

    @ParameterizedTest
    @MethodSource("connectors")
    void noneHoldsAPassword(Path file) throws IOException {
        assertThat(config(file)).containsEntry("connection.password", "${env:ECTOWATCH_PASSWORD}");
    }

    @Test
    void strimzisConnectorBelongsToStrimzisWorkersWhichTakeConnectorsFromResources() throws IOException {
        JsonNode workers = read(EXAMPLES.resolve("strimzi/kafka-connect.yaml"));
        JsonNode connector = read(EXAMPLES.resolve("strimzi/kafka-connector.yaml"));

        assertThat(List.of(workers.get("kind").asText(), connector.get("kind").asText()))
                .containsExactly("KafkaConnect", "KafkaConnector");
        assertThat(connector.at("/metadata/labels").get("strimzi.io/cluster")).isEqualTo(workers.at("/metadata/name"));
        assertThat(workers.at("/metadata/annotations")
                        .get("strimzi.io/use-connector-resources")
                        .textValue())
                .isEqualTo("true");
    }

    @Test
    void strimzisWorkersAreBuiltWithWhatIsPackagedAndKnowTheVariableOfThePassword() throws IOException {
        JsonNode spec = read(EXAMPLES.resolve("strimzi/kafka-connect.yaml")).get("spec");
        JsonNode connector = read(EXAMPLES.resolve("strimzi/kafka-connector.yaml"));

        assertThat(spec.at("/build/plugins/0/artifacts/0/type").asText()).isEqualTo("jar");
        assertThat(spec.at("/build/plugins/0/artifacts/0/url").asText())
                .endsWith("/ectowatch-kafka-connect-" + VERSION + ".jar");
        String variable = spec.at("/template/connectContainer/env/0/name").asText();
        assertThat(connector.at("/spec/config/connection.password").asText()).isEqualTo("${env:" + variable + "}");
        assertThat(variable)
                .matches(spec.get("config")
                        .get("config.providers.env.param.allowlist.pattern")
                        .asText());
    }

    private static Map<String, String> config(Path file) throws IOException {
        JsonNode example = read(file);
        return file.toString().endsWith(".yaml") ? ofStrimzi(example) : ofRest(example);
    }

    private static Map<String, String> ofRest(JsonNode payload) {
        Map<String, String> config = strings(payload.get("config"));
        config.put("name", payload.get("name").asText());
        return config;
    }

    private static Map<String, String> ofStrimzi(JsonNode resource) {
        Map<String, String> config = strings(resource.at("/spec/config"));
        config.put("name", resource.at("/metadata/name").asText());
        config.put("connector.class", resource.at("/spec/class").asText());
        config.put("tasks.max", resource.at("/spec/tasksMax").asText());
        return config;
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new HashMap<>();
        object.properties()
                .forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
        return strings;
    }

    private static JsonNode read(Path file) throws IOException {
        return (file.toString().endsWith(".yaml") ? YAML : JSON).readTree(file.toFile());
    }
}
