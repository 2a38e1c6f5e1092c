package io.ectowatch.connect.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only this package knows the letters of the events and the bits of the ring: all others use its constants. */
class OnePlaceTest {

    private static final Path SOURCES = Path.of("src", "main");

    /** The same letters in PostgreSQL's catalogs and in the text of a condition. */
    private static final Pattern OTHER_LETTERS = Pattern.compile(String.join(
            "|",
            "\\b(relkind|relpersistence|typtype|contype|deptype|provolatile)\\b",
            "THEN 'partitioned table' WHEN 'i' THEN 'index'",
            "DEFAULT\\(\"d\"\\)",
            "(element|word)\\.equals\\("));

    /** In Java, "r" is also the name of the changed rows in the generated SQL. */
    private static final Pattern LETTER = Pattern.compile("'[iudtrIDg]'|\"[iudtIDg]\"");

    private static final Pattern BITS =
            Pattern.compile("\\b(state|ring|last_value|joined)\\)? *(&|\\||<<|>>|>|<|>=|<=|\\+) *~?\\d"
                    + "|\\b\\d+ \\+ \\$\\{state}|\\$\\{state} [&|]+ \\d|\\bstate = [3-9]|setval\\(\\$\\{ring}, \\d");

    @Test
    void noOtherSourceAndNoTemplateHasTheLetterOfAnEvent() throws IOException {
        assertThat(lines(LETTER))
                .filteredOn(line -> !OTHER_LETTERS.matcher(line).find())
                .isEmpty();
    }

    @Test
    void noOtherSourceAndNoTemplateHasABitOfTheRing() throws IOException {
        assertThat(lines(BITS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "IF state & 8 <> 0 THEN",
                "state := state | 16;",
                "state := 8 + ${state};",
                "CASE WHEN ${state} & 3 = 3",
                "SELECT last_value << 4",
                "PERFORM setval(${ring}, 3);",
                "int low = (int) (ring & 3);"
            })
    void theSearchFindsBits(String line) {
        assertThat(BITS.matcher(line).find()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CASE WHEN o.key IS NULL THEN 'I'", "case INSERT -> \"i\";", "\"g\".equals(event)"})
    void theSearchFindsLetters(String line) {
        assertThat(LETTER.matcher(line).find() && !OTHER_LETTERS.matcher(line).find())
                .isTrue();
    }

    private static List<String> lines(Pattern pattern) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().matches(".*\\.(java|sql)"))
                    .filter(file -> !file.getParent().endsWith("protocol"))
                    .flatMap(file -> read(file)
                            .filter(line -> pattern.matcher(line).find())
                            .map(line -> file.getFileName() + ": " + line.strip()))
                    .toList();
        }
    }

    private static Stream<String> read(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
