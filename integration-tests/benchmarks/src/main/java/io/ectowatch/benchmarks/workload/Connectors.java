package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.ConnectorGroup;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.probe.ServerProcesses;
import io.ectowatch.benchmarks.probe.Statements;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Many connectors in one worker: how long they take to start, and what they use while nothing changes. */
final class Connectors implements Workload {

    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /** Longer than what follows a start: the second read of the catalog, the first commits. */
    private static final int SETTLING_SECONDS = 40;

    private static final String SESSIONS =
            "SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, 'ectowatch ')";

    @Override
    public String name() {
        return "connectors";
    }

    @Override
    public String description(Options options) {
        return """
                %s connectors in one worker, each with one table: the time from the first `PUT` until all capture changes; from \
                the launch of the worker, after an ordinary stop, until it answers and until a row of each table, inserted \
                meanwhile, is in Kafka; and their use of both processes while nothing changes, for %d s.""".formatted(options.connectors(), options.idle());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.name().equals("durable");
    }

    @Override
    public void turn(Turn turn) throws Exception {
        for (int count : turn.options().connectors()) {
            measure(turn, count);
        }
    }

    private static void measure(Turn turn, int count) throws Exception {
        Environment environment = turn.environment();
        String prefix = count + ": ";
        try (ConnectorGroup group = new ConnectorGroup(environment, count);
                Topics topics = new Topics(environment)) {
            topics.create(group.topics());
            long begin = System.nanoTime();
            group.create();
            turn.add(prefix + "created after", "s", Drain.seconds(begin, System.nanoTime()));
            group.awaitCapturing();
            turn.add(prefix + "all capture after", "s", Drain.seconds(begin, System.nanoTime()));
            restart(turn, prefix, group, topics, count);
            TimeUnit.SECONDS.sleep(turn.options().smoke() ? 1 : SETTLING_SECONDS);
            rest(turn, prefix);
            topics.delete(group.topics());
        }
    }

    private static void restart(Turn turn, String prefix, ConnectorGroup group, Topics topics, int count)
            throws Exception {
        Environment environment = turn.environment();
        long begin = System.nanoTime();
        WorkerProcess.find().stop();
        turn.add(prefix + "worker ends after", "s", Drain.seconds(begin, System.nanoTime()));
        group.insertRows();
        long launched = System.nanoTime();
        environment.restartWorker();
        turn.add(prefix + "worker answers after", "s", Drain.seconds(launched, System.nanoTime()));
        Environment.await("a record of each table", PATIENCE, () -> topics.records(group.topics()) >= count);
        turn.add(prefix + "all have published after", "s", Drain.seconds(launched, System.nanoTime()));
        group.awaitCapturing();
    }

    private static void rest(Turn turn, String prefix) throws Exception {
        Environment environment = turn.environment();
        WorkerProcess worker = WorkerProcess.find();
        ServerProcesses server = new ServerProcesses();
        turn.add(prefix + "connections", "", environment.number(SESSIONS));
        turn.add(prefix + "threads", "", worker.threads());
        try (Statements statements = Statements.counted(environment)) {
            long calls = statements.calls();
            long workerTime = worker.processorTime().toNanos();
            long serverTime = server.processorTime().toNanos();
            long begin = System.nanoTime();
            TimeUnit.SECONDS.sleep(turn.options().idle());
            double seconds = Drain.seconds(begin, System.nanoTime());
            turn.add(prefix + "statements", "1/s", (statements.calls() - calls) / seconds);
            turn.add(
                    prefix + "worker, of one core",
                    "%",
                    100 * (worker.processorTime().toNanos() - workerTime) / 1e9 / seconds);
            turn.add(
                    prefix + "PostgreSQL, of one core",
                    "%",
                    100 * (server.processorTime().toNanos() - serverTime) / 1e9 / seconds);
        }
        turn.add(prefix + "heap after a collection", "MiB", worker.liveHeap() / 1048576.0);
    }
}
