package io.ectowatch.testkit;

/** The Kafka Connect worker of a {@link Stack}, in distributed mode. It keeps its URL when it is killed and started. */
public interface ConnectWorker {

    /** A client of its REST interface. */
    ConnectRest rest();

    /** The address that it advertises to its group, as in {@link ConnectorStatus.Part#workerId()}. */
    String id();

    /** Kills it (SIGKILL) and waits for its end. */
    void killHard();

    /** Starts it and waits until it has joined its group and answers. */
    void start();

    /**
     * Restarts it with or without exactly-once support for source connectors. At first it has none.
     *
     * @throws UnsupportedOperationException if the settings of this stack's worker cannot be changed
     */
    default void restartWithExactlyOnce(boolean enabled) {
        throw new UnsupportedOperationException("the settings of this stack's worker cannot be changed");
    }

    default void restart() {
        killHard();
        start();
    }
}
