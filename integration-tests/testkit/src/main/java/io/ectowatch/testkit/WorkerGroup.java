package io.ectowatch.testkit;

import java.nio.file.Path;
import java.util.List;

/** All workers of a group as one. REST requests go to the first of them. */
public final class WorkerGroup implements ConnectWorker {

    private final List<? extends ConnectWorker> workers;

    public WorkerGroup(List<? extends ConnectWorker> workers) {
        this.workers = List.copyOf(workers);
    }

    @Override
    public ConnectRest rest() {
        return workers.get(0).rest();
    }

    @Override
    public String id() {
        return workers.get(0).id();
    }

    @Override
    public void killHard() {
        workers.parallelStream().forEach(ConnectWorker::killHard);
    }

    @Override
    public void start() {
        workers.parallelStream().forEach(ConnectWorker::start);
    }

    @Override
    public void restartWithExactlyOnce(boolean enabled) {
        workers.parallelStream().forEach(worker -> worker.restartWithExactlyOnce(enabled));
    }

    @Override
    public void restartWithAgent(Path agent, String options) {
        throw new UnsupportedOperationException("an agent has a port, and each worker needs another one");
    }
}
