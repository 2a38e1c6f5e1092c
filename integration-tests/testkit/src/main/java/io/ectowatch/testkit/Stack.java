package io.ectowatch.testkit;

import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL, a Kafka broker and a Connect worker that loads the packaged connector through {@code plugin.path}. Tests,
 * the quickstart and the benchmarks use it.
 */
public interface Stack extends AutoCloseable {

    /** The system property that selects how the stack is run: see {@code choice.Stacks}. */
    String CHOICE = "stack";

    PostgresServer postgres();

    /** The broker. If the cluster has several, killing or starting it kills or starts all. */
    KafkaBroker kafka();

    /** All brokers of the cluster. */
    default List<KafkaBroker> brokers() {
        return List.of(kafka());
    }

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

    /** Starts a standby of {@link #postgres()}, which stops with the stack. Empty if this kind of stack has none. */
    default Optional<PostgresServer> startStandby() {
        return Optional.empty();
    }

    /** Stops all processes and removes their data. Keeps the logs. */
    @Override
    void close();
}
