package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.ServerProcesses;
import io.ectowatch.benchmarks.probe.Statements;
import io.ectowatch.benchmarks.probe.Timeline;
import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The cost of a connector without changes. */
final class Idle implements Workload {

    private static final int SETTLING_SECONDS = 3;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String description(Options options) {
        return """
                One watched table without changes for %d s: the statements, by `pg_stat_statements`, and the CPU time of the \
                worker and of all processes of the server.""".formatted(options.idle());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.CARRIES_CHANGES) || contender.name().equals(reference());
    }

    @Override
    public String reference() {
        return "none";
    }

    @Override
    public void turn(Turn turn) throws Exception {
        String table = turn.environment().newTable();
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table))) {
            if (turn.contender().is(Trait.CARRIES_CHANGES)) {
                probe(turn, running, table);
            }
            try (Statements statements = Statements.counted(turn.environment())) {
                TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
                measure(turn, statements);
            }
        }
    }

    private static void probe(Turn turn, RunningContender running, String table) throws Exception {
        Timeline timeline = new Timeline(Latency.PROBES);
        try (Arrivals arrivals = Arrivals.in(turn.environment(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, List.of(table), timeline)) {
            pacer.probe();
            arrivals.await(0, timeline.made());
        }
    }

    private static void measure(Turn turn, Statements statements) throws Exception {
        WorkerProcess worker = WorkerProcess.find();
        ServerProcesses server = new ServerProcesses();
        long calls = statements.calls();
        long workerTime = worker.processorTime().toNanos();
        long serverTime = server.processorTime().toNanos();
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(turn.options().idle());
        double seconds = (System.nanoTime() - begin) / 1e9;
        double workerShare = (worker.processorTime().toNanos() - workerTime) / 1e9 / seconds;
        double serverShare = (server.processorTime().toNanos() - serverTime) / 1e9 / seconds;
        turn.add("statements", "1/s", (statements.calls() - calls) / seconds);
        turn.add("worker", "CPU s per minute", 60 * workerShare);
        turn.add("worker, of one core", "%", 100 * workerShare);
        turn.add("PostgreSQL", "CPU s per minute", 60 * serverShare);
    }
}
