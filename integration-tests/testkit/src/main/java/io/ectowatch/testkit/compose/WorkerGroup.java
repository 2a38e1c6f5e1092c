package io.ectowatch.testkit.compose;

import io.ectowatch.testkit.ConnectRest;
import io.ectowatch.testkit.ConnectWorker;
import java.util.List;

/** All workers of a group as one. REST requests go to the first of them. */
final class WorkerGroup implements ConnectWorker {

    private final List<? extends ConnectWorker> workers;

    WorkerGroup(List<? extends ConnectWorker> workers) {
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
}
