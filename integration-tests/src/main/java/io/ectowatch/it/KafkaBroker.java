package io.ectowatch.it;

/** The Kafka broker of a {@link Stack}. Killing and starting keep its data and its address. */
public interface KafkaBroker {

    String bootstrapServers();

    /** Ends it without notice (SIGKILL) and returns when it is gone. */
    void kill();

    /** Returns when the broker answers. */
    void start();

    default void restart() {
        kill();
        start();
    }
}
