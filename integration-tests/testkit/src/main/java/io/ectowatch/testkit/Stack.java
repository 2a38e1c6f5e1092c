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
 * PostgreSQL, a Kafka broker and a Connect worker that loads the packaged connector through {@code plugin.path}: all
 * that a test, the quickstart or a benchmark needs. How they are run is chosen by {@code -Dstack=}; whoever uses them
 * sees no difference.
 */
public interface Stack extends AutoCloseable {

    /** The system property that chooses how the stack is run. */
    String CHOICE = "stack";

    /** Starts a stack and returns when every part of it answers. */
    static Stack start() {
        return start((part, address, took) -> {});
    }

    /**
     * As {@link #start()}, telling of each part when it answers.
     *
     * @throws IllegalArgumentException when {@code -Dstack=} names none that is known
     * @throws StackUnavailableException when this machine lacks what the chosen one needs
     * @throws IllegalStateException when a part does not start; the message ends with the last lines of its log
     */
    static Stack start(StartupProgress progress) {
        Map<String, Function<StartupProgress, Stack>> known = new TreeMap<>(Map.of(
                "embedded",
                EmbeddedStack::start,
                // Not by reference: the quickstart has no Testcontainers on its class path.
                "testcontainers",
                hearer -> TestcontainersStack.start(hearer),
                "compose",
                hearer -> ComposeStack.start(hearer)));
        String choice = System.getProperty(CHOICE, "embedded");
        if (!known.containsKey(choice)) {
            throw new IllegalArgumentException(
                    "-D%s=%s is not known; known are: %s".formatted(CHOICE, choice, String.join(", ", known.keySet())));
        }
        return known.get(choice).apply(progress);
    }

    PostgresServer postgres();

    KafkaBroker kafka();

    /** The worker that is asked over REST. Where there are more, killing and starting it kills and starts them all. */
    ConnectWorker connect();

    /** All workers of the group, each by itself. */
    default List<ConnectWorker> workers() {
        return List.of(connect());
    }

    /** The host by which a worker reaches what listens on every address of this JVM's machine; empty when it cannot. */
    Optional<String> hostOfTests();

    /** Ends every process and removes their data; logs stay. */
    @Override
    void close();
}
