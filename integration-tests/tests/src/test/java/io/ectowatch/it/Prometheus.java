package io.ectowatch.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.testkit.FreePorts;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A Prometheus server that reads one worker. Its programs are on the PATH, or unpacked by {@code .ci/run}. */
final class Prometheus implements AutoCloseable {

    private static final Path UNPACKED = Path.of("target/prometheus/usr/bin");
    private static final Path FILES = Path.of("../../docker/monitoring");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Ends the server when this JVM closes the pipe, or ends. */
    private static final String GUARD = "\"$@\" & server=$!; read -r end; kill $server; wait $server";

    private final String url = "http://127.0.0.1:" + FreePorts.next();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;

    /**
     * Starts it with the configuration of {@code docker/monitoring}, but with this target and an interval of 3 s.
     * Waits until it has read the target.
     */
    Prometheus(String target, Path directory) throws IOException {
        String config = Files.readString(FILES.resolve("prometheus.yml"))
                .replaceAll("_interval: .*", "_interval: 3s")
                .replace("connect-1:9404", target)
                .replaceAll("(?m)^ +- connect-2:9404\n", "");
        Files.writeString(directory.resolve("prometheus.yml"), config);
        Files.copy(FILES.resolve("alerts.yml"), directory.resolve("alerts.yml"));
        List<String> command = new ArrayList<>(List.of("sh", "-c", GUARD, "sh", program("prometheus")));
        command.add("--config.file=" + directory.resolve("prometheus.yml"));
        command.add("--storage.tsdb.path=" + directory.resolve("data"));
        command.add("--web.listen-address=" + URI.create(url).getAuthority());
        File log = directory.resolve("prometheus.log").toFile();
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            await("Prometheus, see " + log)
                    .atMost(Duration.ofMinutes(2))
                    .ignoreExceptions()
                    .until(() -> !query("up == 1").isEmpty());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

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

    /** The series of an instant query, each with {@code metric} and {@code value}. */
    JsonNode query(String expression) {
        return get("/api/v1/query?query=" + encoded(expression)).path("result");
    }

    /** The series of a query for the last seconds, each with {@code metric} and {@code values}. */
    JsonNode queryRange(String expression, int seconds) {
        long now = System.currentTimeMillis() / 1000;
        return get("/api/v1/query_range?step=1&start=" + (now - seconds) + "&end=" + now + "&query="
                        + encoded(expression))
                .path("result");
    }

    /** The alerts with their state and health. */
    JsonNode alerts() {
        return get("/api/v1/rules?type=alert").at("/groups/0/rules");
    }

    private JsonNode get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(Duration.ofSeconds(30))
                    .build();
            JsonNode answer =
                    JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
            if (!answer.path("status").asText().equals("success")) {
                throw new IllegalStateException(path + ": " + answer);
            }
            return answer.path("data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Ends it and waits for its end. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process.onExit().join();
    }
}
