package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.connect.config.ConnectorConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The blocks of code in the pages, as far as they can be checked without a server. */
class DocBlocksTest {

    private static final int MOST_WORDS = 1_500;

    /** A word, a number, or a path in a text or a table, with whatever is directly beside it. */
    private static final Pattern WORD = Pattern.compile("\\S*\\w\\S*");

    private static final Set<String> LOOKED_UP = Set.of("configuration.md", "generated-sql.md", "troubleshooting.md");

    private static final Path ROOT = Path.of("..");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```(\\w+)$(.*?)^ *```$");
    private static final Pattern DATA = Pattern.compile("--data '(\\{.*?})'", Pattern.DOTALL);
    /** Files of the repository that a command names. */
    private static final Pattern FILE =
            Pattern.compile("(?<![\\w/.:])((?:docker|config-examples|integration-tests|connector)/[\\w./-]*\\w)");

    private static final Pattern PROFILE = Pattern.compile("mvn [^\n]*-P(\\w+)");
    /** What Kafka Connect and Kafka define. */
    private static final Pattern KAFKA = Pattern.compile(
            "name|connector\\.class|tasks\\.max|exactly\\.once\\.support|transaction\\.boundary|(transforms|predicates|topic\\.creation|producer\\.override|errors"
                    + "|key\\.converter|value\\.converter|header\\.converter|config\\.providers)(\\..+)?");

    @Test
    void everyBlockNamesItsLanguage() throws IOException {
        List<String> unnamed = new ArrayList<>();
        for (Path page : pages()) {
            boolean open = false;
            for (String line : Files.readAllLines(page)) {
                if (line.strip().startsWith("```")) {
                    if (!open && line.strip().equals("```")) {
                        unnamed.add(page.toString());
                    }
                    open = !open;
                }
            }
            assertThat(open).as("an open block in %s", page).isFalse();
        }

        assertThat(unnamed).isEmpty();
    }

    @Test
    void jsonParsesAndItsSettingsExist() throws IOException {
        Set<String> unknown = new TreeSet<>();
        int configurations = 0;
        for (Block block : blocks()) {
            for (String text : block.json()) {
                JsonNode json = JSON.readTree(text);
                JsonNode config = json.path("config").isObject() ? json.path("config") : json;
                if (config.has("connector.class")) {
                    configurations++;
                    config.fieldNames().forEachRemaining(name -> checkSetting(name, block.page(), unknown));
                }
            }
        }

        assertThat(unknown).isEmpty();
        assertThat(configurations).isPositive();
    }

    @Test
    void propertiesParseAndTheSettingsOfTheConnectorExist() throws IOException {
        Set<String> unknown = new TreeSet<>();
        int settings = 0;
        for (Block block : blocks()) {
            if (block.language().equals("properties")) {
                Properties properties = new Properties();
                try (InputStream in = new ByteArrayInputStream(block.text().getBytes(StandardCharsets.UTF_8))) {
                    properties.load(in);
                }
                for (String name : properties.stringPropertyNames()) {
                    settings++;
                    checkSetting(name, block.page(), unknown);
                }
            }
        }

        assertThat(unknown).isEmpty();
        assertThat(settings).isGreaterThan(20);
    }

    @Test
    void filesAndProfilesInCommandsExist() throws IOException {
        Set<String> missing = new TreeSet<>();
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        int files = 0;
        for (Block block : blocks()) {
            if (block.language().equals("sh")) {
                Matcher file = FILE.matcher(block.text());
                while (file.find()) {
                    files++;
                    if (!file.group(1).contains("/target/") && !Files.exists(ROOT.resolve(file.group(1)))) {
                        missing.add(block.page() + ": " + file.group(1));
                    }
                }
                Matcher profile = PROFILE.matcher(block.text());
                while (profile.find()) {
                    if (!pom.contains("<id>" + profile.group(1) + "</id>")) {
                        missing.add(block.page() + ": -P" + profile.group(1));
                    }
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(files).isGreaterThan(3);
    }

    @Test
    void theReadmeIsReadInTwoMinutes() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(150);
    }

    /** At 300 words a minute. */
    @Test
    void eachPageIsReadInFiveMinutesUnlessOneLooksUpThingsInIt() throws IOException {
        Set<String> tooLong = new TreeSet<>();
        for (Path page : pages()) {
            long words = WORD.matcher(Files.readString(page)).results().count();
            if (words > MOST_WORDS && !LOOKED_UP.contains(page.getFileName().toString())) {
                tooLong.add(ROOT.relativize(page) + ": " + words + " words. Split it along a seam.");
            }
        }

        assertThat(tooLong).isEmpty();
        assertThat(pages().stream().map(page -> page.getFileName().toString())).containsAll(LOOKED_UP);
    }

    private static void checkSetting(String name, Path page, Set<String> unknown) {
        boolean known = KAFKA.matcher(name).matches()
                || name.startsWith("watchers.")
                || name.startsWith("connection.properties.")
                || ConnectorConfig.configDef().names().contains(name);
        if (!known) {
            unknown.add(page + ": " + name);
        }
    }

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages()) {
            Matcher block = BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                blocks.add(new Block(ROOT.relativize(page), block.group(1), block.group(2)));
            }
        }
        assertThat(blocks).hasSizeGreaterThan(20);
        return blocks;
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages =
                new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("config-examples/README.md")));
        try (Stream<Path> files = Files.list(ROOT.resolve("connector/docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    private record Block(Path page, String language, String text) {

        /** The block, or what its commands send. */
        List<String> json() {
            return switch (language) {
                case "json" -> List.of(text);
                case "sh" ->
                    DATA.matcher(text).results().map(data -> data.group(1)).toList();
                default -> List.of();
            };
        }
    }
}
