package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the generated SQL with the files in {@code golden/}; with {@code -Dgolden.write=true}, writes them. */
class GoldenSqlTest {

    private static final String COMMAND = "mvn -pl connector test -Dtest=GoldenSqlTest -Dgolden.write=true";

    private static final Path PAGE = Path.of("docs", "generated-sql.md");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)]*\\.sql)\\)");

    private static final Pattern FUNCTION =
            Pattern.compile("CREATE OR REPLACE FUNCTION .*?AS \\$ectowatch\\$(.*?)\\$ectowatch\\$", Pattern.DOTALL);

    private static final Map<String, String> GENERATED = new TreeMap<>(GoldenSql.files());

    static Stream<String> files() {
        return GENERATED.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("files")
    void theGeneratedSqlIsWhatTheFileHas(String file) throws IOException {
        String generated = GENERATED.get(file);
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(GoldenSql.DIRECTORY.resolve(file + ".sql"), generated);
            return;
        }

        assertThat(GoldenSql.read(file))
                .withFailMessage("golden/" + file + ".sql differs from the SQL that the code generates. Write it by "
                        + COMMAND + ", and read the difference in git before you commit it.")
                .isEqualTo(generated);
    }

    @Test
    void theDocumentationShowsTheFirstTriggerOfAFileAndLinksToAllThatItNames() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("```sql\n") + "```sql\n".length();
        String before = page.substring(0, begin);
        String wanted = before + firstTrigger(GENERATED.get("durable-integer-key")) + "```\n";
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(PAGE, wanted);
            return;
        }

        assertThat(page)
                .withFailMessage("connector/docs/generated-sql.md is stale. This writes it: " + COMMAND)
                .isEqualTo(wanted);
        assertThat(LINK.matcher(page).results().map(link -> link.group(1)))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(PAGE.resolveSibling(link)).exists());
    }

    /** The first function, and the trigger that calls it. */
    private static String firstTrigger(String script) {
        int function = script.indexOf("CREATE OR REPLACE FUNCTION");
        int trigger = script.indexOf("CREATE OR REPLACE TRIGGER");
        String end = "$ectowatch$;\n";
        return script.substring(function, script.indexOf(end, function) + end.length()) + "\n"
                + script.substring(trigger, script.indexOf(";\n", trigger) + 2);
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFunctionSaysWhatItIsForWhatItReadsAndWritesAndWhatHappensOnFailure(String file) {
        assertThat(FUNCTION.matcher(GENERATED.get(file)).results().map(function -> function.group(1)))
                .allSatisfy(body -> assertThat(body)
                        .startsWith("\n-- EctoWatch for Kafka Connect")
                        .contains("\n-- Purpose: ", "\n-- Reads: ", "\n-- Writes: ", "\n-- On failure: "));
    }

    /** Else every upgrade would replace it. */
    @ParameterizedTest
    @MethodSource("files")
    void noFunctionNamesTheVersion(String file) {
        assertThat(FUNCTION.matcher(GENERATED.get(file)).results().map(function -> function.group(1)))
                .noneMatch(body -> body.contains(Version.current()) || body.contains("1.0.0"));
    }

    @Test
    void everyFileIsGenerated() throws IOException {
        try (Stream<Path> files = Files.list(GoldenSql.DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(GENERATED.keySet().stream()
                            .map(file -> file + ".sql")
                            .toList());
        }
    }
}
