package io.ectowatch.testkit.embedded;

import io.ectowatch.testkit.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

/** Apicurio Registry in a separate JVM, with its artifacts in memory. */
public final class EmbeddedSchemaRegistry implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(150);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port = FreePorts.next();
    private final JavaProcess process;

    /**
     * Starts it and waits until it answers.
     *
     * @param application the unpacked archive
     * @param directory for its log
     */
    public EmbeddedSchemaRegistry(Path application, Path directory) {
        process = JavaProcess.start(
                "The schema registry",
                directory.resolve("schema-registry.log"),
                "-Xmx256m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port=" + port,
                application + "/*:" + application.resolve("lib") + "/*",
                "io.quarkus.runner.GeneratedMain");
        process.awaitReady(TIMEOUT, () -> get("/system/info").contains("name"));
    }

    /** The URL of its interface, for converters. */
    public String url() {
        return "http://127.0.0.1:" + port + "/apis/registry/v2";
    }

    /** The response of a GET request to a path below {@link #url()}. */
    public String get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path)).GET());
    }

    /** Accepts from now on only schemas that are compatible with earlier ones of the same artifact. */
    public void requireCompatibility(String level) throws IOException, InterruptedException {
        send(HttpRequest.newBuilder(URI.create(url() + "/admin/rules"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"type\": \"COMPATIBILITY\", \"config\": \"" + level + "\"}")));
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(response.uri() + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    @Override
    public void close() {
        process.kill();
    }
}
