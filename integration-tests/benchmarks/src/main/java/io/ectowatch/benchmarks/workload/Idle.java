package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.Running;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.ServerProcesses;
import io.ectowatch.benchmarks.probe.Timeline;
import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What it costs that nothing happens. */
final class Idle implements Workload {

    private static final int SETTLING_SECONDS = 3;
    private static final String CALLS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements";

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String description(Options options) {
        return """
                One table is watched and nothing happens for %d s: statements by `pg_stat_statements`, and the processor time \
                of the worker and of all the server's processes.""".formatted(options.idle());
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
        String table = turn.arena().newTable();
        try (Running running = turn.contender().start(turn.arena(), List.of(table))) {
            if (turn.contender().is(Trait.CARRIES_CHANGES)) {
                probe(turn, running, table);
            }
            track(turn, "top");
            try {
                TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
                measure(turn);
            } finally {
                track(turn, "none");
            }
        }
    }

    private static void probe(Turn turn, Running running, String table) throws Exception {
        Timeline timeline = new Timeline(Latency.PROBES);
        try (Arrivals arrivals = Arrivals.in(turn.arena(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, List.of(table), timeline)) {
            pacer.probe();
            arrivals.await(0, timeline.made());
        }
    }

    private static void track(Turn turn, String what) throws Exception {
        turn.arena().execute("ALTER SYSTEM SET pg_stat_statements.track = '" + what + "'");
        turn.arena().execute("SELECT pg_reload_conf()");
    }

    private static void measure(Turn turn) throws Exception {
        WorkerProcess worker = WorkerProcess.find();
        ServerProcesses server = new ServerProcesses();
        long calls = turn.arena().number(CALLS);
        long workerTime = worker.processorTime().toNanos();
        long serverTime = server.processorTime().toNanos();
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(turn.options().idle());
        double seconds = (System.nanoTime() - begin) / 1e9;
        double workerShare = (worker.processorTime().toNanos() - workerTime) / 1e9 / seconds;
        double serverShare = (server.processorTime().toNanos() - serverTime) / 1e9 / seconds;
        // Less the one that asked.
        turn.add("statements", "1/s", (turn.arena().number(CALLS) - calls - 1) / seconds);
        turn.add("worker", "CPU s per minute", 60 * workerShare);
        turn.add("worker, of one core", "%", 100 * workerShare);
        turn.add("PostgreSQL", "CPU s per minute", 60 * serverShare);
    }
}
