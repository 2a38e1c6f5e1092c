package io.ectowatch.it;

/** The Kafka Connect worker of a {@link Stack}, in distributed mode. Killing and starting keep its address. */
public interface ConnectWorker {

    /** What it is told over REST. */
    ConnectRest rest();

    /** Ends it without notice (SIGKILL) and returns when it is gone. */
    void killHard();

    /** Returns when the worker is healthy: it has joined its group and answers. */
    void start();

    default void restart() {
        killHard();
        start();
    }
}
