package io.ectowatch.testkit.container;

import io.ectowatch.testkit.KafkaBroker;
import java.time.Duration;

/** A broker in a container. */
public final class ContainerBroker implements KafkaBroker {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Container container;
    private final String bootstrapServers;

    /**
     * One that has been created.
     *
     * @param bootstrapServers where this JVM finds it
     */
    public ContainerBroker(Container container, String bootstrapServers) {
        this.container = container;
        this.bootstrapServers = bootstrapServers;
    }

    @Override
    public String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void kill() {
        container.end("KILL");
    }

    @Override
    public void start() {
        container.start();
        awaitReady();
    }

    /** Returns when it takes part in its cluster. */
    public void awaitReady() {
        container.awaitReady(PATIENCE, this::answers);
    }
}
