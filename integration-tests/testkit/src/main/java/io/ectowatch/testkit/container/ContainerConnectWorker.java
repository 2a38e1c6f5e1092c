package io.ectowatch.testkit.container;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectWorker;
import java.net.URI;
import java.time.Duration;

/** A distributed worker in a container. */
public final class ContainerConnectWorker implements ConnectWorker {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final String id;
    private final Container container;
    private final ConnectRest rest;

    /**
     * One that has been created.
     *
     * @param id what its group calls it
     * @param url where this JVM finds its REST interface
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

    /** Returns when it has joined its group and answers. */
    public void awaitHealthy() {
        container.awaitReady(PATIENCE, rest::isHealthy);
    }
}
