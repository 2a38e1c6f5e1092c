package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.Running;
import io.ectowatch.benchmarks.probe.HeapWatch;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.util.List;

/** How time and memory grow with the backlog. */
final class Backlogs implements Workload {

    private static final int ROWS_PER_STATEMENT = 1_000;

    @Override
    public String name() {
        return "backlogs";
    }

    @Override
    public String description(Options options) {
        return """
                Backlogs of %s changes, %,d in each transaction, as in `drain`: the rate, and the most that the worker's heap \
                held right after a collection while it drained.""".formatted(options.backlogs(), ROWS_PER_STATEMENT);
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
        String table = turn.arena().newTable();
        try (Running running = turn.contender().start(turn.arena(), List.of(table));
                Topics topics = new Topics(turn.arena())) {
            List<String> names = running.topics(table);
            topics.create(names);
            running.stop();
            running.pileUp(table, changes, ROWS_PER_STATEMENT);
            try (HeapWatch heap = WorkerProcess.find().watchHeap()) {
                long begin = System.nanoTime();
                running.resume();
                long end = topics.awaitRecords(names, changes);
                turn.add("%,d".formatted(changes), "changes/s", changes / Drain.seconds(begin, end));
                turn.add("%,d: heap".formatted(changes), "MiB", heap.greatest() / 1048576.0);
            }
            topics.delete(names);
        }
        turn.arena().execute("DROP TABLE " + table);
    }
}
