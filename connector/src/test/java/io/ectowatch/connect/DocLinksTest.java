package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of the documentation within the repository leads to a file, and to a heading of it. */
class DocLinksTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern CLASS =
            Pattern.compile("`((?:[a-z]+/)+[A-Z][A-Za-z]+|[A-Z][A-Za-z]*[a-z](?:IT|Test))`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+?) *$");
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            Matcher link = LINK.matcher(withoutCode(page));
            while (link.find()) {
                links++;
                Path target = link.group(1).isEmpty()
                        ? page
                        : page.resolveSibling(link.group(1)).normalize();
                if (!Files.exists(target)
                        || link.group(2) != null && !anchors(target).contains(link.group(2))) {
                    broken.add(ROOT.relativize(page) + ": " + link.group());
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    /** As in {@code `journal/read/CutReader`}, and a test as in {@code `StartIT`}. */
    @Test
    void everyClassThatThePagesNameExists() throws IOException {
        List<String> missing = new ArrayList<>();
        int classes = 0;
        Set<String> files = sources();
        for (Path page : pages()) {
            Matcher name = CLASS.matcher(withoutCode(page));
            while (name.find()) {
                classes++;
                String path = "/" + name.group(1);
                if (files.stream().noneMatch(file -> file.endsWith(path + ".java"))) {
                    missing.add(ROOT.relativize(page) + ": " + name.group());
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(classes).isGreaterThan(50);
    }

    @Test
    void everyPageIsInTheIndexAndTheIndexIsInTheReadme() throws IOException {
        Path docs = ROOT.resolve("connector/docs");
        String index = Files.readString(docs.resolve("index.md"));

        assertThat(pages().stream()
                        .filter(page -> page.startsWith(docs) && !page.endsWith("index.md"))
                        .map(page -> "](" + page.getFileName() + ")"))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(index).contains(link));
        assertThat(Files.readString(ROOT.resolve("README.md"))).contains("](connector/docs/index.md)");
    }

    /** As GitHub makes them of headings: in lower case, without punctuation, hyphens for blanks, numbered if repeated. */
    private static List<String> anchors(Path page) throws IOException {
        List<String> anchors = new ArrayList<>();
        Matcher heading = HEADING.matcher(withoutCode(page));
        while (heading.find()) {
            String anchor = heading.group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-');
            String unique = anchor;
            for (int i = 1; anchors.contains(unique); i++) {
                unique = anchor + "-" + i;
            }
            anchors.add(unique);
        }
        return anchors;
    }

    private static Set<String> sources() throws IOException {
        Set<String> files = new HashSet<>();
        for (String root : List.of("connector/src", "integration-tests")) {
            try (Stream<Path> found = Files.walk(ROOT.resolve(root))) {
                found.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file ->
                                files.add("/" + ROOT.relativize(file).toString().replace('\\', '/')));
            }
        }
        return files;
    }

    private static String withoutCode(Path page) throws IOException {
        return CODE.matcher(Files.readString(page)).replaceAll("");
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages =
                new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("config-examples/README.md")));
        for (String directory : List.of("connector/docs", ".github")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(directory))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }
}
