package io.ectowatch.connect.trigger;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An SQL text beside this class that reads from top to bottom:
 *
 * <ul>
 *   <li><code>${place}</code> stands for a value. If the value has several lines, they get the indentation of the line that
 *       the place is in. What is filled in is not read again.
 *   <li>The lines between {@code -- #if name} and {@code -- #end} are left out unless that flag is set; between
 *       {@code -- #if not name} and {@code -- #end}, if it is set. {@code -- #else} may stand between them.
 *   <li>The lines between {@code -- #block name} and {@code -- #end} stand at each <code>${name}</code>, filled in the same
 *       way, and not where they are.
 * </ul>
 */
public final class Template {

    private static final Pattern PLACE = Pattern.compile("\\$\\{([a-z0-9 ]+)}");
    private static final Pattern IF = Pattern.compile(" *-- #if (not )?([a-z ]+)");
    private static final Pattern ELSE = Pattern.compile(" *-- #else");
    private static final Pattern BLOCK = Pattern.compile("-- #block ([a-z ]+)");
    private static final Pattern END = Pattern.compile(" *-- #end");

    private final String name;
    private final String text;
    /** The text, cut behind each line break: a text is filled for each table, at each read of the catalog. */
    private final String[] lines;

    private final Map<String, Template> blocks;

    private Template(String name, String text, Map<String, Template> blocks) {
        this.name = name;
        this.text = text;
        this.lines = text.split("(?<=\n)");
        this.blocks = blocks;
    }

    private static Template parse(String name, String text) {
        Map<String, Template> blocks = new HashMap<>();
        StringBuilder outside = new StringBuilder();
        StringBuilder block = null;
        String blockName = null;
        int depth = 0;
        for (String line : text.split("(?<=\n)")) {
            String stripped = line.stripTrailing();
            Matcher begin = BLOCK.matcher(stripped);
            if (begin.matches()) {
                blockName = begin.group(1);
                block = new StringBuilder();
            } else if (block == null) {
                outside.append(line);
            } else if (depth == 0 && END.matcher(stripped).matches()) {
                blocks.put(blockName, new Template(name, block.toString(), blocks));
                block = null;
            } else {
                depth += IF.matcher(stripped).matches()
                        ? 1
                        : END.matcher(stripped).matches() ? -1 : 0;
                block.append(line);
            }
        }
        if (block != null) {
            throw lacksEnd(name);
        }
        return new Template(name, outside.toString(), blocks);
    }

    private static IllegalStateException lacksEnd(String name) {
        return new IllegalStateException(name + " lacks an -- #end");
    }

    public static Template load(String name) {
        try (InputStream in = Template.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the connector's jar does not contain " + name);
            }
            return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    /** A short template that stands in the code. */
    public static Template of(String text) {
        return parse(text, text);
    }

    /** The parts of the text before, between and behind the separators. */
    public Template[] split(String separator) {
        return Arrays.stream(text.split(Pattern.quote(separator)))
                .map(part -> new Template(name, part, blocks))
                .toArray(Template[]::new);
    }

    /** The text with every place filled, and no flag set. */
    public String fill(Map<String, String> values) {
        return fill(values, Set.of());
    }

    /** The text with every place filled; each place of the text must be among {@code values}. */
    public String fill(Map<String, String> values, Set<String> flags) {
        StringBuilder filled = new StringBuilder();
        Deque<Boolean> conditions = new ArrayDeque<>();
        for (String line : lines) {
            if (!isCondition(line, conditions, flags) && !conditions.contains(false)) {
                appendFilled(filled, line, values, flags);
            }
        }
        if (!conditions.isEmpty()) {
            throw lacksEnd(name);
        }
        return filled.toString();
    }

    /** Whether the line is not text, but begins, inverts or ends a condition. */
    private static boolean isCondition(String line, Deque<Boolean> conditions, Set<String> flags) {
        if (!line.contains("-- #")) {
            return false;
        }
        String stripped = line.stripTrailing();
        Matcher condition = IF.matcher(stripped);
        if (condition.matches()) {
            conditions.push((condition.group(1) == null) == flags.contains(condition.group(2)));
        } else if (ELSE.matcher(stripped).matches()) {
            conditions.push(!conditions.pop());
        } else if (END.matcher(stripped).matches()) {
            conditions.pop();
        } else {
            return false;
        }
        return true;
    }

    private void appendFilled(StringBuilder filled, String line, Map<String, String> values, Set<String> flags) {
        if (!line.contains("${")) {
            filled.append(line);
            return;
        }
        String indentation =
                " ".repeat(line.length() - line.replaceFirst("^ +", "").length());
        filled.append(PLACE.matcher(line)
                .replaceAll(place ->
                        Matcher.quoteReplacement(indented(value(place.group(1), values, flags), indentation))));
    }

    /** The statements of the text, each filled and without its semicolon. */
    public List<String> statements(Map<String, String> values) {
        return Arrays.stream(text.split(";\n"))
                .map(statement -> new Template(name, statement, blocks).fill(values))
                .toList();
    }

    /** The indented lines of the text, as they are, without commas at their ends and without comments. */
    public List<String> items() {
        return text.lines()
                .filter(line -> line.startsWith(" "))
                .map(line -> line.replaceFirst(",? *(--.*)?$", "").strip())
                .toList();
    }

    private String value(String place, Map<String, String> values, Set<String> flags) {
        Template block = blocks.get(place);
        if (block != null) {
            return block.fill(values, flags).stripTrailing();
        }
        String value = values.get(place);
        if (value == null) {
            throw new IllegalArgumentException(name + " has a place without a value: ${" + place + "}");
        }
        return value;
    }

    /** The value with all lines but the first indented. Lines within a quoted name or literal stay as they are: there, a space counts. */
    static String indented(String value, String indentation) {
        if (value.indexOf('\n') < 0 || indentation.isEmpty()) {
            return value;
        }
        StringBuilder text = new StringBuilder();
        char quote = 0;
        boolean comment = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            text.append(c);
            if (c == '\n') {
                comment = false;
                if (quote == 0 && i + 1 < value.length() && value.charAt(i + 1) != '\n') {
                    text.append(indentation);
                }
            } else if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (!comment) {
                comment = c == '-' && value.startsWith("--", i);
                quote = c == '\'' || c == '"' ? c : 0;
            }
        }
        return text.toString();
    }
}
