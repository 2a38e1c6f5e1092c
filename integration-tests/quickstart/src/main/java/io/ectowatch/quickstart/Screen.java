package io.ectowatch.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.ectowatch.testkit.ReceivedRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** What the quickstart prints, in columns, and in colours where they can be seen. May be used by several threads. */
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

    /** Colours as {@code -Dquickstart.color} says, or else when standard output is a terminal that knows them. */
    static boolean coloursWanted() {
        String asked = System.getProperty("quickstart.color");
        if (asked != null) {
            return Boolean.parseBoolean(asked);
        }
        return System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM")) && isTerminal();
    }

    // System.console() tells only of input and output together, and from Java 22 on not even that.
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

    /** A step of the start that is done. */
    void step(String what, String detail, Duration took) {
        line("  %-18s %-40s %s".formatted(what, detail, styled(DIM, "%6.1f s".formatted(took.toMillis() / 1000.0))));
    }

    /** A way to join in. */
    void hint(String what, String command) {
        line("    %-17s %s".formatted(what, styled(CYAN, command)));
    }

    /** A change that is about to be committed. */
    void change(int number, String sql) {
        line("");
        line("  %s %s".formatted(styled(DIM, "%4d".formatted(number)), sql));
    }

    /**
     * A record that has been consumed.
     *
     * @param took what the last column says, for example {@code 3.1 ms}
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

    /** Milliseconds with one digit after the point, for example {@code 3.1 ms}. */
    static String milliseconds(double value) {
        return String.format(Locale.ROOT, "%.1f ms", value);
    }
}
