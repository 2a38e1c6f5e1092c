package io.ectowatch.testkit.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a log file, for messages. */
final class LogTail {

    private static final int LINES = 25;

    private LogTail() {}

    /** A line that names the file, and its last lines; tells so when there is none. */
    static String of(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            List<String> last = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
            return "%nThe end of %s:%n%s".formatted(log, String.join(System.lineSeparator(), last));
        } catch (IOException e) {
            return "%nIts log %s cannot be read: %s".formatted(log, e);
        }
    }
}
