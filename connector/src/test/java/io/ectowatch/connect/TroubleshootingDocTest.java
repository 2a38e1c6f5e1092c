package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The list of messages in troubleshooting.md has each message of the code that an operator meets in the log at WARN or ERROR, or
 * as the reason of a failed task or request, and no other.
 */
class TroubleshootingDocTest {

    private static final Path PAGE = Path.of("docs/troubleshooting.md");
    private static final Path CODE = Path.of("src/main/java");

    private static final Pattern CALL = Pattern.compile(
            "\\blog\\.(?:warn|error)\\(|new (?:ConnectException|OperatorException|FencedException|TableProblem|SettingException|Failure)\\(");
    private static final Pattern CONCATENATED = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    /** What only passes on another's message has no sentence in its literals. */
    private static final Pattern SENTENCE = Pattern.compile("\\w+ \\w+");

    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| (`.+?`) \\|");
    private static final Pattern FRAGMENT = Pattern.compile("`([^`]+)`");

    @Test
    void everyMessageOfTheCodeIsOnThePage() throws IOException {
        List<String> fragments = fragments();

        assertThat(messages().stream()
                        .filter(message -> fragments.stream().noneMatch(message::contains))
                        .toList())
                .as("messages to add to %s", PAGE)
                .isEmpty();
    }

    @Test
    void everyMessageOnThePageIsInTheCode() throws IOException {
        List<String> messages = messages();

        assertThat(fragments().stream()
                        .filter(fragment -> messages.stream().noneMatch(message -> message.contains(fragment)))
                        .toList())
                .as("messages of %s that no code has", PAGE)
                .isEmpty();
    }

    @Test
    void concatenatedTextsAreOneMessageAndValuesSeparateTexts() {
        assertThat(messages("log.warn(\n \"One {} \"\n + \"of these (\" + count(\"x\") + \").\", name);"))
                .containsExactly("One {} of these (…x…).");
        assertThat(messages("new ConnectException(other.getMessage() + \": \" + e)"))
                .isEmpty();
    }

    private static List<String> fragments() throws IOException {
        String page = Files.readString(PAGE);
        List<String> fragments = FIRST_CELL
                .matcher(page.substring(page.indexOf("## By message")))
                .results()
                .flatMap(cell -> FRAGMENT.matcher(cell.group(1)).results())
                .map(fragment -> fragment.group(1))
                .toList();
        assertThat(fragments).hasSizeGreaterThan(50);
        return fragments;
    }

    private static List<String> messages() throws IOException {
        List<String> messages = new ArrayList<>();
        try (Stream<Path> files = Files.walk(CODE)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .sorted()
                    .toList()) {
                messages.addAll(messages(Files.readString(file)));
            }
        }
        assertThat(messages).hasSizeGreaterThan(50);
        return messages;
    }

    /** The texts of each call, with … for the values between them. */
    private static List<String> messages(String code) {
        List<String> messages = new ArrayList<>();
        Matcher call = CALL.matcher(code);
        while (call.find()) {
            String arguments = CONCATENATED
                    .matcher(code.substring(call.end(), end(code, call.end())))
                    .replaceAll("");
            String message = String.join(
                    "…",
                    LITERAL.matcher(arguments)
                            .results()
                            .map((MatchResult text) -> text.group(1).replace("\\\"", "\""))
                            .toList());
            if (SENTENCE.matcher(message).find()) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** Where the parenthesis closes that was opened before this place. */
    private static int end(String code, int from) {
        boolean quoted = false;
        int open = 1;
        int at = from;
        while (open > 0) {
            char c = code.charAt(at);
            if (c == '\\') {
                at++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && c == '(') {
                open++;
            } else if (!quoted && c == ')') {
                open--;
            }
            at++;
        }
        return at - 1;
    }
}
