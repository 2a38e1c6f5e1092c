package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.Samples;
import io.ectowatch.benchmarks.probe.Timeline;
import java.util.List;

/** The time from a commit to the arrival of its record at a consumer, at steady rates. */
final class Latency implements Workload {

    static final int WARM_UP_RATE = 1_000;
    static final int PROBES = 1_000;

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String description(Options options) {
        return """
                One-row transactions at %s per second, %d s each, after %d s at %,d/s. The latency runs from sending COMMIT to \
                the return of the consumer's poll. *After commit* runs from the return of COMMIT.""".formatted(options.rates(), options.seconds(), warmUpSeconds(options), WARM_UP_RATE);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.CARRIES_CHANGES)
                || contender.is(Trait.BOUNDS_LATENCY)
                || contender.name().equals(reference());
    }

    @Override
    public String reference() {
        return "floor";
    }

    @Override
    public void turn(Turn turn) throws Exception {
        Options options = turn.options();
        int capacity = PROBES
                + WARM_UP_RATE * warmUpSeconds(options)
                + options.rates().stream()
                        .mapToInt(rate -> rate * options.seconds())
                        .sum();
        List<String> tables = List.of(turn.environment().newTable());
        Timeline timeline = new Timeline(capacity);
        try (RunningContender running = turn.contender().start(turn.environment(), tables);
                Arrivals arrivals = Arrivals.in(turn.environment(), running.topics(tables.get(0)), timeline);
                Pacer pacer = new Pacer(running, tables, timeline)) {
            pacer.probe();
            Pacer.Span warm = pacer.run(WARM_UP_RATE, warmUpSeconds(options));
            arrivals.await(warm.from(), warm.to());
            for (int rate : options.rates()) {
                Pacer.Span span = pacer.run(rate, options.seconds());
                int lost = arrivals.await(span.from(), span.to());
                turn.add(rate + "/s lost", "changes", lost);
                report(turn, rate + "/s ", timeline, span);
            }
        }
    }

    static int warmUpSeconds(Options options) {
        return Math.min(3, options.seconds());
    }

    static void report(Turn turn, String prefix, Timeline timeline, Pacer.Span span) {
        Samples samples = timeline.latencies(span.from(), span.to());
        turn.add(prefix + "p50", "ms", samples.median());
        turn.add(prefix + "p90", "ms", samples.percentile(0.9));
        turn.add(prefix + "p99", "ms", samples.percentile(0.99));
        turn.add(prefix + "max", "ms", samples.greatest());
        Samples after = timeline.latenciesAfterCommit(span.from(), span.to());
        turn.add(prefix + "p50 after commit", "ms", after.median());
        turn.add(prefix + "p99 after commit", "ms", after.percentile(0.99));
    }
}
