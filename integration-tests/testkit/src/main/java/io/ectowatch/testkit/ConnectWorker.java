package io.ectowatch.testkit;

/** The Kafka Connect worker of a {@link Stack}, in distributed mode. Killing and starting keep its URL. */
public interface ConnectWorker {

    /** What it is told over REST. */
    ConnectRest rest();

    /** What the group calls it, as in {@link ConnectorStatus.Part#workerId()}: the address that it advertises. */
    String id();

    /** Ends it without notice (SIGKILL) and returns when it is gone. */
    void killHard();

    /** Returns when the worker is healthy: it has joined its group and answers. */
    void start();

    /**
     * Restarts it with exactly-once support for source connectors, or without, as it was at first.
     *
     * @throws UnsupportedOperationException when this stack's worker cannot be changed
     */
    default void restartWithExactlyOnce(boolean enabled) {
        throw new UnsupportedOperationException("the settings of this stack's worker cannot be changed");
    }

    default void restart() {
        killHard();
        start();
    }
}
