package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.Samples;
import io.ectowatch.benchmarks.probe.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The start time and the latency for different numbers of tables. */
final class Tables implements Workload {

    private static final int RATE = 200;

    @Override
    public String name() {
        return "tables";
    }

    @Override
    public String description(Options options) {
        return """
                %s watched tables: the time from the creation of the connector until it captures every change, and the latency of \
                %d one-row transactions/s for %d s, spread over up to eight of the tables.""".formatted(options.tables(), RATE, options.seconds());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        for (int count : turn.options().tables()) {
            measure(turn, count);
        }
    }

    private static void measure(Turn turn, int count) throws Exception {
        int warmUp = Latency.warmUpSeconds(turn.options());
        List<String> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(turn.environment().newTable());
        }
        Timeline timeline =
                new Timeline(Latency.PROBES + RATE * (warmUp + turn.options().seconds()));
        long begin = System.nanoTime();
        try (RunningContender running = turn.contender().start(turn.environment(), tables)) {
            String prefix = count == 1 ? "1 table " : count + " tables ";
            turn.add(prefix + "ready after", "s", Drain.seconds(begin, System.nanoTime()));
            List<String> topics = tables.stream()
                    .flatMap(table -> running.topics(table).stream())
                    .distinct()
                    .toList();
            try (Arrivals arrivals = Arrivals.in(turn.environment(), topics, timeline);
                    Pacer pacer = new Pacer(running, tables, timeline)) {
                pacer.probe();
                Pacer.Span warm = pacer.run(RATE, warmUp);
                arrivals.await(warm.from(), warm.to());
                Pacer.Span span = pacer.run(RATE, turn.options().seconds());
                turn.add(prefix + "lost", "changes", arrivals.await(span.from(), span.to()));
                Samples latencies = timeline.latencies(span.from(), span.to());
                turn.add(prefix + "p50", "ms", latencies.median());
                turn.add(prefix + "p99", "ms", latencies.percentile(0.99));
            }
        }
        turn.environment().execute(tables.stream().collect(Collectors.joining(", ", "DROP TABLE ", "")));
    }
}
