package io.ectowatch.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.testkit.ReceivedRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** Prints the output of the quickstart in columns, and in colors if the terminal has them. Thread-safe. */
final class Screen {

    private static final String BOLD = "1";
    private static final String DIM = "2";
    private static final String RED = "31";
    private static final String CYAN = "36";
    private static final Map<String, String> COLOURS_OF_EVENTS =
            Map.of("inserted", "32", "updated", "33", "deleted", RED, "resync", "35");

    private final PrintStream out;
    private final boolean coloured;

    Screen(PrintStream out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
    }

    /**
     * Uses colors as {@code -Dquickstart.color} says. By default, uses them if standard output is a terminal with
     * colors.
     */
    static boolean coloursWanted() {
        String asked = System.getProperty("quickstart.color");
        if (asked != null) {
            return Boolean.parseBoolean(asked);
        }
        return System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM")) && isTerminal();
    }

    // System.console() is null unless input and output are both terminals. Since Java 22 it is never null.
    private static boolean isTerminal() {
        try {
            return new ProcessBuilder("test", "-t", "1")
                            .redirectOutput(Redirect.INHERIT)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void title(String text) {
        line("");
        line("  " + styled(BOLD, text));
        line("");
    }

    void text(String text) {
        line("  " + text);
    }

    void blank() {
        line("");
    }

    /** Prints a finished step of the start. */
    void step(String what, String detail, Duration took) {
        line("  %-18s %-40s %s".formatted(what, detail, styled(DIM, "%6.1f s".formatted(took.toMillis() / 1000.0))));
    }

    /** Prints a command for another terminal. */
    void hint(String what, String command) {
        line("    %-17s %s".formatted(what, styled(CYAN, command)));
    }

    /** Prints a change before its commit. */
    void change(int number, String sql) {
        line("");
        line("  %s %s".formatted(styled(DIM, "%4d".formatted(number)), sql));
    }

    /** Prints a statement that is about to run. */
    void statement(String sql) {
        line("");
        sql.lines().forEach(part -> line("       " + part));
    }

    /** Prints what was read, one or more values after another. */
    void fact(String what, String... values) {
        line("       %-32s %s".formatted(what, styled(BOLD, String.join(" | ", values))));
    }

    /**
     * Prints a record.
     *
     * @param took the text of the last column, for example {@code 3.1 ms}
     */
    void record(ReceivedRecord record, String took) {
        JsonNode event = record.value() == null ? null : record.value().get("event");
        String colour = event == null ? BOLD : COLOURS_OF_EVENTS.getOrDefault(event.asText(), BOLD);
        line("       %s %-28s %s"
                .formatted(
                        styled(colour, "%-32s".formatted(record.topic())),
                        record.key() == null ? "null" : record.key(),
                        styled(BOLD, "%12s".formatted(took))));
        line("       " + styled(DIM, String.valueOf(record.value())));
    }

    void error(String text) {
        line("");
        line("  " + styled(RED, text));
    }

    private String styled(String style, String text) {
        return coloured ? "\u001b[%sm%s\u001b[0m".formatted(style, text) : text;
    }

    private synchronized void line(String text) {
        out.println(text.stripTrailing());
        out.flush();
    }

    /** Formats milliseconds with one decimal, for example {@code 3.1 ms}. */
    static String milliseconds(double value) {
        return String.format(Locale.ROOT, "%.1f ms", value);
    }
}
