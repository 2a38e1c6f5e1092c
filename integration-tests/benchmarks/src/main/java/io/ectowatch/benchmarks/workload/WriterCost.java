package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.Writers;
import java.util.List;
import java.util.OptionalDouble;

/** The throughput of concurrent writers with and without a contender. */
final class WriterCost implements Workload {

    @Override
    public String name() {
        return "writers";
    }

    @Override
    public String description(Options options) {
        return """
                Concurrent writers (%s, in a separate process) of one-row transactions, %d s each, with the contender, and \
                directly before and after that without it on a table of the same kind, for each number of writers. The first \
                second, in which sessions start, is not measured. *Published by the end*: the percentage of the changes that \
                had arrived at the broker when the writers ended; no ratio includes the work for the remaining changes. \
                *Ratio*: the throughput with the contender divided by the mean of the two throughputs without it. *Stopped*: \
                the connector is stopped and its triggers are installed.""".formatted(Writers.kind(), options.writing());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.is(Trait.BOUNDS_WRITERS);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        for (int writers : turn.options().writers()) {
            measure(turn, writers);
        }
    }

    private static void measure(Turn turn, int writers) throws Exception {
        String watched = turn.environment().newTable();
        String plain = turn.environment().newTable();
        String prefix = writers + (writers == 1 ? " writer" : " writers");
        double before = rate(turn, plain, writers);
        double with;
        OptionalDouble stopped = OptionalDouble.empty();
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(watched));
                Topics topics = new Topics(turn.environment())) {
            topics.create(running.topics(watched));
            with = rate(turn, watched, writers);
            if (turn.contender().is(Trait.CARRIES_CHANGES)) {
                long published = topics.records(running.topics(watched));
                turn.add(
                        prefix + ", published by the end",
                        "%",
                        100.0 * published / turn.environment().number("SELECT count(*) FROM " + watched));
            }
            if (turn.contender().is(Trait.HAS_TRIGGERS)) {
                running.stop();
                stopped = OptionalDouble.of(rate(turn, watched, writers));
            }
            topics.delete(running.topics(watched));
        }
        // The mean corrects for a machine that becomes slower or faster during the turn.
        double without = (before + rate(turn, plain, writers)) / 2;
        turn.add(prefix, "tx/s", with);
        turn.add(prefix + " without", "tx/s", without);
        turn.add(prefix + " ratio", "", with / without);
        stopped.ifPresent(rate -> turn.add(prefix + " ratio, stopped", "", rate / without));
        turn.environment().execute("DROP TABLE %s, %s".formatted(watched, plain));
    }

    private static double rate(Turn turn, String table, int writers) throws Exception {
        turn.environment().execute("CHECKPOINT");
        return new Writers(turn.environment())
                .write(table, writers, turn.options().writing());
    }
}
