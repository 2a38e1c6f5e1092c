package io.ectowatch.it;

import io.ectowatch.it.embedded.EmbeddedStack;
import java.util.Map;
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
     * @throws IllegalStateException when a part does not start; the message ends with the last lines of its log
     */
    static Stack start(StartupProgress progress) {
        Map<String, Function<StartupProgress, Stack>> known = new TreeMap<>(Map.of("embedded", EmbeddedStack::start));
        String choice = System.getProperty(CHOICE, "embedded");
        if (!known.containsKey(choice)) {
            throw new IllegalArgumentException(
                    "-D%s=%s is not known; known are: %s".formatted(CHOICE, choice, String.join(", ", known.keySet())));
        }
        return known.get(choice).apply(progress);
    }

    PostgresServer postgres();

    KafkaBroker kafka();

    ConnectWorker connect();

    /** Ends every process and removes their data; logs stay. */
    @Override
    void close();
}
