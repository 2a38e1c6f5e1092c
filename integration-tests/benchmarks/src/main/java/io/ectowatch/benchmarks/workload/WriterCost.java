package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.Running;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.Writers;
import java.util.List;
import java.util.OptionalDouble;

/** How many transactions/s concurrent writers still make. */
final class WriterCost implements Workload {

    @Override
    public String name() {
        return "writers";
    }

    @Override
    public String description(Options options) {
        return """
                Concurrent writers (%s, in a process of their own) of one-row transactions, %d s each, with the contender, \
                and right before and right after that without it on a table of the same kind, for each number of writers; \
                one second more before it counts, in which sessions begin. *Carried by the end*: how much of what was \
                written had arrived at the broker when the writers ended; the work for the rest is in no ratio. *Ratio*: \
                with divided by the mean of the two without, of the same turn. *Stopped*: the connector is stopped and its \
                triggers are in place.""".formatted(Writers.kind(), options.writing());
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
        String watched = turn.arena().newTable();
        String plain = turn.arena().newTable();
        String prefix = writers + (writers == 1 ? " writer" : " writers");
        double before = rate(turn, plain, writers);
        double with;
        OptionalDouble stopped = OptionalDouble.empty();
        try (Running running = turn.contender().start(turn.arena(), List.of(watched));
                Topics topics = new Topics(turn.arena())) {
            topics.create(running.topics(watched));
            with = rate(turn, watched, writers);
            if (turn.contender().is(Trait.CARRIES_CHANGES)) {
                long carried = topics.records(running.topics(watched));
                turn.add(
                        prefix + ", carried by the end",
                        "%",
                        100.0 * carried / turn.arena().number("SELECT count(*) FROM " + watched));
            }
            if (turn.contender().is(Trait.HAS_TRIGGERS)) {
                running.stop();
                stopped = OptionalDouble.of(rate(turn, watched, writers));
            }
            topics.delete(running.topics(watched));
        }
        // A machine that grows slower or faster meanwhile does so for both.
        double without = (before + rate(turn, plain, writers)) / 2;
        turn.add(prefix, "tx/s", with);
        turn.add(prefix + " without", "tx/s", without);
        turn.add(prefix + " ratio", "", with / without);
        stopped.ifPresent(rate -> turn.add(prefix + " ratio, stopped", "", rate / without));
        turn.arena().execute("DROP TABLE %s, %s".formatted(watched, plain));
    }

    private static double rate(Turn turn, String table, int writers) throws Exception {
        turn.arena().execute("CHECKPOINT");
        return new Writers(turn.arena()).write(table, writers, turn.options().writing());
    }
}
