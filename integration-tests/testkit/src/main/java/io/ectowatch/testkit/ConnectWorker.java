package io.ectowatch.testkit;

import java.nio.file.Path;

/** The Kafka Connect worker of a {@link Stack}, in distributed mode. It keeps its URL when it is killed and started. */
public interface ConnectWorker {

    /** A client of its REST interface. */
    ConnectRest rest();

    /** The address that it advertises to its group, as in {@link ConnectorStatus.Part#workerId()}. */
    String id();

    /** Kills it (SIGKILL) and waits for its end. */
    void killHard();

    /** Starts it and waits until it has joined its group and answers. It must not be running. */
    void start();

    /**
     * Restarts it with or without exactly-once support for source connectors. At first it has none.
     *
     * @throws UnsupportedOperationException if the settings of this stack's worker cannot be changed
     */
    default void restartWithExactlyOnce(boolean enabled) {
        throw new UnsupportedOperationException("the settings of this stack's worker cannot be changed");
    }

    /**
     * Restarts it with a Java agent. The next start is without it.
     *
     * @param options for the agent
     * @throws UnsupportedOperationException if this stack's worker is in a container
     */
    default void restartWithAgent(Path agent, String options) {
        throw new UnsupportedOperationException("this stack's worker cannot be started with an agent");
    }

    /**
     * Lets it leave its group and end in order (SIGTERM), and waits for its end.
     *
     * @throws UnsupportedOperationException if this stack's worker can only be killed
     */
    default void shutDown() {
        throw new UnsupportedOperationException("this stack's worker can only be killed");
    }

    default void restart() {
        killHard();
        start();
    }
}
