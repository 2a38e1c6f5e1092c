package io.ectowatch.testkit;

import io.ectowatch.testkit.compose.ComposeStack;
import io.ectowatch.testkit.embedded.EmbeddedStack;
import io.ectowatch.testkit.testcontainers.TestcontainersStack;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * PostgreSQL, a Kafka broker and a Connect worker that loads the packaged connector through {@code plugin.path}. Tests,
 * the quickstart and the benchmarks use it. {@code -Dstack=} selects how it is run: embedded, with Testcontainers or
 * with Compose.
 */
public interface Stack extends AutoCloseable {

    /** The system property that selects how the stack is run. */
    String CHOICE = "stack";

    /** Starts a stack and waits until all its parts answer. */
    static Stack start() {
        return start((part, address, took) -> {});
    }

    /**
     * Like {@link #start()}. Reports each part as soon as it answers.
     *
     * @throws IllegalArgumentException if {@code -Dstack=} names an unknown stack
     * @throws StackUnavailableException if this machine lacks what the selected stack needs
     * @throws IllegalStateException if a part does not start; the message ends with the last lines of its log
     */
    static Stack start(StartupProgress progress) {
        Map<String, Function<StartupProgress, Stack>> known = new TreeMap<>(Map.of(
                "embedded",
                EmbeddedStack::start,
                // No method reference, which would load the class: the quickstart has no Testcontainers on its class
                // path.
                "testcontainers",
                listener -> TestcontainersStack.start(listener),
                "compose",
                listener -> ComposeStack.start(listener)));
        String choice = System.getProperty(CHOICE, "embedded");
        if (!known.containsKey(choice)) {
            throw new IllegalArgumentException("-D%s=%s is not a stack. Choose one of: %s"
                    .formatted(CHOICE, choice, String.join(", ", known.keySet())));
        }
        return known.get(choice).apply(progress);
    }

    PostgresServer postgres();

    KafkaBroker kafka();

    /**
     * The worker to send REST requests to. If the group has several workers, killing or starting it kills or starts
     * all.
     */
    ConnectWorker connect();

    /** All workers of the group. */
    default List<ConnectWorker> workers() {
        return List.of(connect());
    }

    /** The host name of this JVM's machine, as seen by the workers. Empty if they cannot connect to this machine. */
    Optional<String> testHost();

    /** Stops all processes and removes their data. Keeps the logs. */
    @Override
    void close();
}
