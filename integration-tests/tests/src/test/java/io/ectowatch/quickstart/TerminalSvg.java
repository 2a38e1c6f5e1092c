package io.ectowatch.quickstart;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Renders the colored output of a program as an SVG picture of a terminal. */
final class TerminalSvg {

    private static final int COLUMNS = 112;
    private static final double CHARACTER = 7.8;
    private static final int LINE = 18;
    private static final int MARGIN = 16;
    private static final Pattern STYLE = Pattern.compile("\u001b\\[([0-9]+)m(.*?)\u001b\\[0m|([^\u001b]+)");
    private static final Pattern PLACES = Pattern.compile("(?m)^.*(127\\.0\\.0\\.1|From another terminal).*\n");
    private static final Map<String, String> STYLES = Map.of(
            "1", "font-weight='bold' fill='#ffffff'",
            "2", "fill='#8b949e'",
            "31", "fill='#ff7b72'",
            "32", "fill='#7ee787'",
            "33", "fill='#e3b341'",
            "35", "fill='#d2a8ff'",
            "36", "fill='#79c0ff'");

    private TerminalSvg() {}

    /** The picture. Cuts what is right of the last column, and leaves out the part with the addresses. */
    static String of(String output) {
        List<String> lines = PLACES.matcher(output.strip())
                .replaceAll("")
                .replaceAll("\n{3,}", "\n\n")
                .lines()
                .toList();
        int width = (int) (COLUMNS * CHARACTER) + 2 * MARGIN;
        int height = lines.size() * LINE + 2 * MARGIN;
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'>%n"
                .formatted(width, height, width, height));
        svg.append("<title>Output of mvn -Pquickstart -Dquickstart.tour</title>%n".formatted());
        svg.append("<rect width='100%' height='100%' rx='8' fill='#0d1117'/>\n");
        svg.append("<g font-family='ui-monospace, Menlo, Consolas, monospace' font-size='13' fill='#c9d1d9'>\n");
        for (int number = 0; number < lines.size(); number++) {
            appendLine(svg, lines.get(number), MARGIN + (number + 1) * LINE - 5);
        }
        return svg.append("</g>\n</svg>\n").toString();
    }

    private static void appendLine(StringBuilder svg, String line, int y) {
        Matcher part = STYLE.matcher(line);
        int column = 0;
        while (part.find() && column < COLUMNS) {
            String text = part.group(3) == null ? part.group(2) : part.group(3);
            String shown = cut(text, COLUMNS - column);
            if (!shown.isBlank()) {
                String style = part.group(1) == null ? "" : " " + STYLES.getOrDefault(part.group(1), "");
                int begin = shown.length() - shown.stripLeading().length();
                // A viewer may have another font: textLength keeps the columns.
                svg.append("<text x='%.1f' y='%d' textLength='%.1f' xml:space='preserve'%s>%s</text>\n"
                        .formatted(
                                MARGIN + (column + begin) * CHARACTER,
                                y,
                                shown.strip().length() * CHARACTER,
                                style,
                                escaped(shown.strip())));
            }
            column += text.length();
        }
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
