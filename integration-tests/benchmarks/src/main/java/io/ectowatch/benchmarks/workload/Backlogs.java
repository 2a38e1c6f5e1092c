package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.HeapMonitor;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.util.List;

/** The rate and the memory for backlogs of different sizes. */
final class Backlogs implements Workload {

    private static final int ROWS_PER_STATEMENT = 1_000;

    @Override
    public String name() {
        return "backlogs";
    }

    @Override
    public String description(Options options) {
        return """
                Backlogs of %s changes, %,d in each transaction, as in `drain`: the rate, and the maximum use of the worker's \
                heap directly after a garbage collection while it drained.""".formatted(options.backlogs(), ROWS_PER_STATEMENT);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.KEEPS_BACKLOG)
                && (contender.is(Trait.COMPLETE) || contender.name().equals(reference()));
    }

    @Override
    public String reference() {
        return "ceiling";
    }

    @Override
    public void turn(Turn turn) throws Exception {
        for (int changes : turn.options().backlogs()) {
            measure(turn, changes);
        }
    }

    private static void measure(Turn turn, int changes) throws Exception {
        String table = turn.environment().newTable();
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table));
                Topics topics = new Topics(turn.environment())) {
            List<String> names = running.topics(table);
            topics.create(names);
            running.stop();
            running.createBacklog(table, changes, ROWS_PER_STATEMENT);
            try (HeapMonitor heap = WorkerProcess.find().watchHeap()) {
                long begin = System.nanoTime();
                running.resume();
                long end = topics.awaitRecords(names, changes);
                turn.add("%,d".formatted(changes), "changes/s", changes / Drain.seconds(begin, end));
                turn.add("%,d: heap".formatted(changes), "MiB", heap.greatest() / 1048576.0);
            }
            topics.delete(names);
        }
        turn.environment().execute("DROP TABLE " + table);
    }
}
