package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Documentation, examples, messages, SQL and comments are in plain technical English. */
class PlainWordsTest {

    private static final Path ROOT = Path.of("..");

    /** Files, and directories with all that is below them. Widen this list; never narrow it. */
    private static final List<String> READ = List.of(
            "README.md",
            "connector/docs",
            "connector/src/jmh",
            "connector/src/main/assembly",
            "connector/src/main/java",
            "connector/src/main/resources",
            "connector/src/model",
            "connector/src/test/java",
            "config-examples",
            "integration-tests",
            "docker",
            ".ci",
            ".github",
            "pom.xml",
            "connector/pom.xml");

    private static final List<String> TEXTS = List.of(
            ".md",
            ".sql",
            ".java",
            ".xml",
            ".json",
            ".yaml",
            ".yml",
            ".sh",
            ".properties",
            ".pml",
            "Dockerfile",
            "run");

    /** The files that must contain the phrases. */
    private static final List<String> LISTS = List.of("BannedPhrases.java", "PlainWordsTest.java");

    private static final Pattern METHOD = Pattern.compile("\\bvoid (\\w+)\\(");

    @Test
    void noBannedPhraseIsInAnyText() throws IOException {
        List<String> hits = new ArrayList<>();
        for (Path file : files()) {
            for (String hit : BannedPhrases.in(Files.readString(file))) {
                hits.add(ROOT.relativize(file) + ":" + hit);
            }
        }

        assertThat(hits)
                .withFailMessage(() -> "Write plainly, for a tired operator:\n" + String.join("\n", hits))
                .isEmpty();
    }

    @Test
    void noBannedPhraseIsInTheNameOfAMethod() throws IOException {
        List<String> hits = new ArrayList<>();
        for (Path file : files()) {
            if (file.toString().endsWith(".java")) {
                METHOD.matcher(Files.readString(file))
                        .results()
                        .map(name -> name.group(1))
                        .filter(name -> !BannedPhrases.in(words(name)).isEmpty())
                        .forEach(name -> hits.add(ROOT.relativize(file) + ": " + name));
            }
        }

        assertThat(hits).isEmpty();
    }

    /** So that a search of the documentation finds the place. */
    @Test
    void theTermsOfTheFieldAreInTheDocumentation() throws IOException {
        StringBuilder documentation = new StringBuilder();
        for (Path file : files()) {
            if (file.toString().endsWith(".md")) {
                documentation.append(Files.readString(file));
            }
        }

        assertThat(documentation.toString())
                .contains("at-least-once", "exactly-once", "at-most-once", "change data capture (CDC)", "WAL", "LSN")
                .contains("backlog", "lag", "Fencing", "Upgrading", "Troubleshooting", "Monitoring", "Uninstalling");
    }

    @Test
    @DisplayName("A phrase is found across lines, comments and concatenated strings, with the line on which it begins")
    void aPhraseIsFoundAcrossLines() {
        assertThat(List.of(
                        "one\nthe change is\ntold",
                        "/**\n * The change is\n * told.\n */",
                        "-- one\n-- The change is\n-- told",
                        "throw new X(\n  \"The change is\"\n  + \" told\");"))
                .allSatisfy(text -> assertThat(BannedPhrases.in(text))
                        .singleElement()
                        .asString()
                        .startsWith("2: \"is told\""));
        assertThat(BannedPhrases.in("The change is published. This toldstory isn't."))
                .isEmpty();
    }

    @Test
    void aPhraseIsFoundInAName() {
        assertThat(BannedPhrases.in(words("anErrorIsToldOnTheKey"))).hasSize(1);
        assertThat(BannedPhrases.in(words("anErrorNamesTheKey"))).isEmpty();
    }

    @Test
    void theListOfTextsNamesOnlyWhatExists() throws IOException {
        assertThat(READ).allSatisfy(name -> assertThat(ROOT.resolve(name)).exists());
        assertThat(files()).hasSizeGreaterThan(20);
    }

    /** The words of an identifier, with spaces between them. */
    private static String words(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ");
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : READ) {
            try (Stream<Path> below = Files.walk(ROOT.resolve(name))) {
                below.filter(Files::isRegularFile)
                        .filter(file -> !ROOT.relativize(file).toString().contains("target/"))
                        .filter(file -> TEXTS.stream().anyMatch(file.toString()::endsWith))
                        .filter(file -> !LISTS.contains(file.getFileName().toString()))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }
}
