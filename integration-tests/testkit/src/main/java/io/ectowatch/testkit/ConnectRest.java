package io.ectowatch.testkit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A client of a Connect worker's REST interface. It retries a request for two minutes if the worker answers 409
 * because it is rebalancing. Every other error is a {@link ConnectRestException}.
 */
public final class ConnectRest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    // A starting connector reads its offsets. With exactly-once support this waits until the broker has aborted the
    // open
    // transaction of a killed worker: after the producer's transaction.timeout.ms of a minute, and up to ten seconds
    // more.
    private static final Duration STATE_PATIENCE = Duration.ofMinutes(2);

    private static final int CONFLICT = 409;

    private final URI url;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public ConnectRest(URI url) {
        this.url = url;
    }

    /** A plugin that the worker lists. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Plugin(@JsonProperty("class") String className, String type, String version) {}

    public URI url() {
        return url;
    }

    /** Whether the worker has joined its group and answers. Returns false if the connection is refused. */
    public boolean isHealthy() {
        try {
            return http.send(request("/health").GET().build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The connector plugins of the worker. */
    public List<Plugin> plugins() {
        return read(send("GET", "/connector-plugins", null), new TypeReference<>() {});
    }

    public List<String> connectors() {
        return read(send("GET", "/connectors", null), new TypeReference<>() {});
    }

    /** Creates a connector from a payload {@code {"name": ..., "config": {...}}}. */
    public void postConnector(JsonNode payload) {
        send("POST", "/connectors", payload);
    }

    /** Creates a connector or replaces its config. */
    public void putConnector(String name, Map<String, String> config) {
        send("PUT", path(name, "/config"), config);
    }

    /** Validates a config and returns the errors of each key that has any. */
    public Map<String, List<String>> validate(Map<String, String> config) {
        Map<String, List<String>> errors = new LinkedHashMap<>();
        for (JsonNode key : validation(config)) {
            JsonNode value = key.get("value");
            if (!value.get("errors").isEmpty()) {
                errors.put(value.get("name").asText(), read(value.get("errors"), new TypeReference<>() {}));
            }
        }
        return errors;
    }

    /** The value of a key in the result of a validation, or null if it has no value. */
    public String validatedValue(Map<String, String> config, String name) {
        for (JsonNode key : validation(config)) {
            JsonNode value = key.get("value");
            if (value.get("name").asText().equals(name)) {
                return value.get("value").asText(null);
            }
        }
        return null;
    }

    /** The definition and the value of each key in the result of a validation. */
    public List<JsonNode> validation(Map<String, String> config) {
        List<JsonNode> keys = new ArrayList<>();
        validation(config.get("connector.class"), config).get("configs").forEach(keys::add);
        return keys;
    }

    /** The whole result of a validation. {@code plugin} is the connector's class, also without its package. */
    public JsonNode validation(String plugin, Map<String, String> config) {
        return send("PUT", "/connector-plugins/" + plugin + "/config/validate", config);
    }

    /** The definition of each key that does not depend on a config. {@code plugin} as for {@link #validation}. */
    public List<JsonNode> definitions(String plugin) {
        return read(send("GET", "/connector-plugins/" + plugin + "/config", null), new TypeReference<>() {});
    }

    public ConnectorStatus status(String name) {
        return read(send("GET", path(name, "/status"), null), new TypeReference<>() {});
    }

    /** The status of each connector that has one, by its name. */
    public Map<String, ConnectorStatus> statuses() {
        Map<String, ConnectorStatus> statuses = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry :
                send("GET", "/connectors?expand=status", null).properties()) {
            statuses.put(entry.getKey(), read(entry.getValue().get("status"), new TypeReference<>() {}));
        }
        return statuses;
    }

    /** A connector's config as it was created. References to config providers are not resolved. */
    public Map<String, String> config(String name) {
        return read(send("GET", path(name, "/config"), null), new TypeReference<>() {});
    }

    public void pause(String name) {
        send("PUT", path(name, "/pause"), null);
    }

    public void resume(String name) {
        send("PUT", path(name, "/resume"), null);
    }

    public void stop(String name) {
        send("PUT", path(name, "/stop"), null);
    }

    /** Restarts the connector and its tasks. */
    public void restart(String name) {
        send("POST", path(name, "/restart?includeTasks=true"), null);
    }

    public void delete(String name) {
        send("DELETE", path(name, ""), null);
    }

    /** The response of {@code GET /connectors/<name>/offsets}. */
    public JsonNode offsets(String name) {
        return send("GET", path(name, "/offsets"), null);
    }

    /** Sets the offset of the only source partition of a stopped connector. */
    public void alterOffset(String name, JsonNode partition, Map<String, Object> offset) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("partition", partition);
        entry.put("offset", offset);
        send("PATCH", path(name, "/offsets"), Map.of("offsets", List.of(entry)));
    }

    /** Resets the offsets of a stopped connector. */
    public void resetOffsets(String name) {
        send("DELETE", path(name, "/offsets"), null);
    }

    /**
     * Waits until the connector and all its tasks are running.
     *
     * @throws IllegalStateException if the connector or a task fails; the message has its stack trace
     */
    public ConnectorStatus waitUntilRunning(String name) {
        return waitUntil(name, "RUNNING");
    }

    /** Like {@link #waitUntilRunning}, for another state such as {@code PAUSED}. */
    public ConnectorStatus waitUntil(String name, String state) {
        return Awaitility.await("connector " + name + " to be " + state)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .atMost(STATE_PATIENCE)
                .until(() -> statusUnlessFailed(name), status -> status != null && status.allIn(state));
    }

    private ConnectorStatus statusUnlessFailed(String name) {
        ConnectorStatus status;
        try {
            status = status(name);
        } catch (ConnectRestException e) {
            if (e.status() == 404) {
                return null; // The connector exists, but the worker has not read its status from the status topic yet.
            }
            throw e;
        }
        if (status.anyFailed()) {
            throw new IllegalStateException("connector %s failed: %s".formatted(name, status));
        }
        return status;
    }

    private static String path(String name, String rest) {
        return "/connectors/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20") + rest;
    }

    private JsonNode send(String method, String path, Object body) {
        return Awaitility.await()
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(100, TimeUnit.MILLISECONDS)
                .atMost(TIMEOUT)
                .ignoreExceptionsMatching(
                        e -> e instanceof ConnectRestException refused && refused.status() == CONFLICT)
                .until(() -> sendOnce(method, path, body), answer -> true);
    }

    private JsonNode sendOnce(String method, String path, Object body) throws IOException, InterruptedException {
        BodyPublisher publisher =
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(JSON.writeValueAsString(body));
        HttpRequest request = request(path).method(method, publisher).build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new ConnectRestException(method + " " + path, response.statusCode(), response.body());
        }
        return JSON.readTree(response.body());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url.resolve(path))
                .header("Content-Type", "application/json")
                .timeout(TIMEOUT);
    }

    private static <T> T read(JsonNode node, TypeReference<T> type) {
        try {
            return JSON.readValue(JSON.treeAsTokens(node), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
