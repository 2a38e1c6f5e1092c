package io.ectowatch.testkit.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The last lines of a log file, for error messages. */
final class LogTail {

    private static final int LINES = 25;

    private LogTail() {}

    /** The file's name and its last lines, or a line that says why the file cannot be read. */
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
