package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.Writers;
import io.ectowatch.benchmarks.probe.Writers.Written;
import io.ectowatch.benchmarks.workload.AlternatingWriters.Slices;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Measures concurrent writers in this order: without the contender, with it, with the connector stopped, and again
 * without the contender. With a stopped connector, or a contender that has none, writers with and without it take turns.
 * Adds the ratios.
 */
final class WriterCosts {

    private static final Duration FURTHER = Duration.ofMinutes(3);

    private static final String RATIOS = """
            *Ratio*: the throughput with the contender divided by the mean of the two throughputs without it. It does not \
            include the work for the changes that had not arrived at the broker when the writers ended (*published by the end*). \
            *With the work that remains*: the number of changes divided by the time until the last of them had arrived, which is \
            the time of the writing and the further time, divided by the number of changes/s without the contender; here the \
            first second counts too. If changes are missing %d s after the end, their number is in a row of its own, the time \
            ends there, and this ratio is then too high. *Stopped*: the connector is stopped, after that wait, and its \
            triggers are installed. For this ratio, and for the only ratio of a contender without a connector, the writers of \
            both tables are connected at the same time and take turns: %d slices of %d ms each, with the contender and \
            without it, while the others are paused. So a machine that becomes slower or faster changes both alike. The \
            ratio is the median of those of each pair of slices.""";

    private final Turn turn;
    private final WrittenTable kind;
    private final int writers;

    WriterCosts(Turn turn, WrittenTable kind, int writers) {
        this.turn = turn;
        this.kind = kind;
        this.writers = writers;
    }

    /** What the ratios mean, for the description of a workload. */
    static String meaning(Options options) {
        return RATIOS.formatted(FURTHER.toSeconds(), options.slices(), AlternatingWriters.SLICE.toMillis());
    }

    /** The throughputs in transactions/s. */
    record Throughputs(double with, double without) {

        double ratio() {
            return with / without;
        }
    }

    /** Measures, and adds the ratios with names that begin with the prefix. */
    Throughputs measure(String prefix) throws Exception {
        String watched = kind.create(turn.environment());
        String plain = kind.create(turn.environment());
        Throughputs throughputs = turn.contender().is(Trait.BOUNDS_WRITERS)
                ? withoutConnector(prefix, watched, plain)
                : withConnector(prefix, watched, plain);
        turn.environment().execute("DROP TABLE %s, %s".formatted(watched, plain));
        return throughputs;
    }

    @SuppressWarnings("try") // Only its triggers are used.
    private Throughputs withoutConnector(String prefix, String watched, String plain) throws Exception {
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(watched))) {
            Slices slices = alternate(watched, plain);
            turn.add(prefix + " ratio", "", slices.ratio());
            return slices.means();
        }
    }

    private Throughputs withConnector(String prefix, String watched, String plain) throws Exception {
        Written before = write(plain);
        Written with;
        OptionalDouble rest = OptionalDouble.empty();
        OptionalDouble stopped = OptionalDouble.empty();
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(watched));
                Topics topics = new Topics(turn.environment())) {
            List<String> names = running.topics(watched);
            topics.create(names);
            with = write(watched);
            if (turn.contender().is(Trait.CARRIES_CHANGES)) {
                rest = OptionalDouble.of(furtherTime(prefix, topics, names, with));
            }
            if (turn.contender().is(Trait.HAS_TRIGGERS)) {
                running.stop();
                stopped = OptionalDouble.of(alternate(watched, plain).ratio());
            }
            topics.delete(names);
        }
        // The mean corrects for a machine that becomes slower or faster during the turn.
        Written after = write(plain);

        Throughputs throughputs = new Throughputs(with.rate(), (before.rate() + after.rate()) / 2);
        turn.add(prefix + " ratio", "", throughputs.ratio());
        rest.ifPresent(further ->
                turn.add(prefix + " ratio, with the work that remains", "", ratio(before, with, further, after)));
        stopped.ifPresent(ratio -> turn.add(prefix + " ratio, stopped", "", ratio));
        return throughputs;
    }

    private Slices alternate(String watched, String plain) throws Exception {
        turn.environment().execute("CHECKPOINT");
        Slices slices = new AlternatingWriters(
                        turn.environment(), writers, turn.options().slices())
                .measure(kind.statement(watched), kind.statement(plain));
        kind.check(turn.environment(), watched);
        kind.check(turn.environment(), plain);
        return slices;
    }

    private Written write(String table) throws Exception {
        turn.environment().execute("CHECKPOINT");
        Written written = new Writers(turn.environment())
                .write(kind.statement(table), writers, turn.options().writing());
        kind.check(turn.environment(), table);
        return written;
    }

    /** The ratio for writers whose contender needed further seconds after their end. */
    static double ratio(Written before, Written with, double further, Written after) {
        double each = with.transactions() / (with.seconds() + further);
        double eachWithout =
                (before.transactions() + after.transactions()) / (double) (before.seconds() + after.seconds());
        return each / eachWithout;
    }

    /** The seconds from the end of the writers until the last record. */
    private double furtherTime(String prefix, Topics topics, List<String> names, Written written) throws Exception {
        long changes = written.transactions();
        long published = topics.records(names);
        turn.add(prefix + ", published by the end", "%", 100.0 * published / changes);
        if (published >= changes) {
            return 0;
        }
        long missing = changes - topics.awaitRecordsOrTimeout(names, changes, FURTHER);
        double seconds = Drain.seconds(written.end(), System.nanoTime());
        if (missing > 0) {
            turn.add(prefix + ", missing %d s after the end".formatted(FURTHER.toSeconds()), "changes", missing);
            System.out.printf("    %s: %,d changes did not arrive within %s%n", prefix, missing, FURTHER);
        }
        return seconds;
    }
}
