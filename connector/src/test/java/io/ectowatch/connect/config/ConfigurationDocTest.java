package io.ectowatch.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/configuration.md} to the definitions of the settings; with {@code -Ddocs.write=true}, writes it. */
class ConfigurationDocTest {

    private static final Path FILE = Path.of("docs", "configuration.md");
    private static final String COMMAND = "mvn -pl connector test -Dtest=ConfigurationDocTest -Ddocs.write=true";

    @Test
    void theDocumentationIsWhatTheDefinitionsSay() throws IOException {
        String wanted = ConfigurationDoc.text(COMMAND);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(FILE, wanted);
        }

        assertThat(Files.exists(FILE) ? Files.readString(FILE) : "")
                .withFailMessage("connector/docs/configuration.md is stale. This writes it: " + COMMAND)
                .isEqualTo(wanted);
    }

    @Test
    void everySettingIsInIt() {
        String text = ConfigurationDoc.text(COMMAND);

        assertThat(Stream.concat(
                        ConnectorConfig.configDef().names().stream(),
                        ConnectorConfig.watcherConfigDef().names().stream()))
                .allSatisfy(name -> assertThat(text).contains("\n### `" + name + "`\n"));
        assertThat(text).contains("### `connection.properties.*`");
    }

    @Test
    void aDefaultIsShownInUnitsThatPeopleUse() {
        assertThat(ConfigurationDoc.text(COMMAND))
                .contains("`1073741824` (1 GiB)", "`259200000` (3 d)", "`10000` (10 s)", "default `200` ·");
    }

    @Test
    void nothingIsTakenForMarkup() {
        assertThat(ConfigurationDoc.text(COMMAND)).contains("audit.\\*", "become \\_.");
    }
}
