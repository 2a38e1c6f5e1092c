package io.ectowatch.testkit.container;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectWorker;
import java.net.URI;
import java.time.Duration;

/** A distributed worker in a container. */
public final class ContainerConnectWorker implements ConnectWorker {

    private static final Duration TIMEOUT = Duration.ofSeconds(150);

    private final String id;
    private final Container container;
    private final ConnectRest rest;

    /**
     * A worker in an existing container.
     *
     * @param id the address that it advertises to its group
     * @param url of its REST interface, as seen by this JVM
     */
    public ContainerConnectWorker(String id, Container container, URI url) {
        this.id = id;
        this.container = container;
        this.rest = new ConnectRest(url);
    }

    @Override
    public ConnectRest rest() {
        return rest;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public void killHard() {
        container.end("KILL");
    }

    @Override
    public void start() {
        container.start();
        awaitHealthy();
    }

    /** Waits until it has joined its group and answers. */
    public void awaitHealthy() {
        container.awaitReady(TIMEOUT, rest::isHealthy);
    }
}
