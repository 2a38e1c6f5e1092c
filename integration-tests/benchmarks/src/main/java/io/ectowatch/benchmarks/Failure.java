package io.ectowatch.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The reason why a contender failed, for the report. */
final class Failure {

    private static final int LINES = 8;

    private Failure() {}

    /** The error and the last errors in the worker's log. */
    static String of(Exception error) {
        return "%s%n%n```%n%s%n```%n".formatted(error, String.join(System.lineSeparator(), lastLines()));
    }

    private static List<String> lastLines() {
        Path stacks = Path.of(System.getProperty("stack.directory", "target"));
        try (Stream<Path> directories = Files.list(stacks)) {
            Path newest = directories
                    .map(directory -> directory.resolve("worker.log"))
                    .filter(Files::exists)
                    .max(Comparator.comparingLong(log -> log.toFile().lastModified()))
                    .orElseThrow(() -> new IOException("no worker.log below " + stacks));
            List<String> lines = Files.readAllLines(newest);
            return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
        } catch (IOException e) {
            return List.of("the worker's log cannot be read: " + e);
        }
    }
}
