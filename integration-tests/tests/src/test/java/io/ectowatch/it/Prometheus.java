package io.ectowatch.it;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where this machine has the programs of Prometheus: on the PATH, or unpacked by {@code .ci/run}. */
final class Prometheus {

    private static final Path UNPACKED = Path.of("target/prometheus/usr/bin");

    private Prometheus() {}

    /** The program's path. Skips the test if there is no such program. */
    static String program(String name) {
        Stream<Path> path = Stream.of(System.getenv("PATH").split(":")).map(Path::of);
        return Stream.concat(path, Stream.of(UNPACKED.toAbsolutePath()))
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() ->
                        abort("The PATH has no " + name + ": install Prometheus (package `prometheus` of Debian)"))
                .toString();
    }

    record Outcome(int status, String output) {}

    /** Runs promtool and waits for its end. */
    static Outcome promtool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program("promtool")));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }
}
