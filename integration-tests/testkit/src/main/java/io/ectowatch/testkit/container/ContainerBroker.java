package io.ectowatch.testkit.container;

import io.ectowatch.testkit.KafkaBroker;
import java.time.Duration;

/** A broker in a container. */
public final class ContainerBroker implements KafkaBroker {

    private static final Duration TIMEOUT = Duration.ofSeconds(150);

    private final Container container;
    private final String bootstrapServers;

    /**
     * A broker in an existing container.
     *
     * @param bootstrapServers its address, as seen by this JVM
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

    /** Waits until it is a member of its cluster. */
    public void awaitReady() {
        container.awaitReady(TIMEOUT, this::answers);
    }
}
