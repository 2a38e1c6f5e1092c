package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.Timeline;
import java.util.List;

/**
 * Runs every contender before the measurement, so that the worker's code is compiled: the compiler uses the same
 * processors, and code is slow until it is compiled. A drain has many records in few polls, a steady rate few records
 * in many polls.
 */
public final class WarmUp implements Workload {

    private final Workload drain = Drain.ofLargeStatements();
    private final Workload latency = new Latency();

    @Override
    public String name() {
        return "warm-up";
    }

    @Override
    public String description(Options options) {
        return "A drain, and then %d s at %,d/s.".formatted(options.warmUp(), Latency.WARM_UP_RATE);
    }

    @Override
    public boolean takes(Contender contender) {
        return drain.takes(contender) || latency.takes(contender);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        if (turn.contender().is(Trait.KEEPS_BACKLOG)) {
            drain.turn(turn);
        }
        if (latency.takes(turn.contender())) {
            atSteadyRate(turn, turn.options().warmUp());
        }
    }

    private static void atSteadyRate(Turn turn, int seconds) throws Exception {
        String table = turn.environment().newTable();
        Timeline timeline = new Timeline(Latency.PROBES + Latency.WARM_UP_RATE * seconds);
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table));
                Arrivals arrivals = Arrivals.in(turn.environment(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, List.of(table), timeline)) {
            pacer.probe();
            Pacer.Span span = pacer.run(Latency.WARM_UP_RATE, seconds);
            arrivals.await(span.from(), span.to());
        }
        turn.environment().execute("DROP TABLE " + table);
    }
}
