package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.Writers;
import io.ectowatch.benchmarks.probe.Writers.Written;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Measures concurrent writers in this order: without the contender, with it, with the connector stopped, and again
 * without the contender. Adds the ratios.
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
            triggers are installed.""".formatted(FURTHER.toSeconds());

    private final Turn turn;
    private final WrittenTable kind;
    private final int writers;

    WriterCosts(Turn turn, WrittenTable kind, int writers) {
        this.turn = turn;
        this.kind = kind;
        this.writers = writers;
    }

    /** What the ratios mean, for the description of a workload. */
    static String meaning() {
        return RATIOS;
    }

    /** The throughputs in transactions/s. */
    record Throughputs(double with, double without) {}

    /** Measures, and adds the ratios with names that begin with the prefix. */
    Throughputs measure(String prefix) throws Exception {
        String watched = kind.create(turn.environment());
        String plain = kind.create(turn.environment());
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
                stopped = OptionalDouble.of(write(watched).rate());
            }
            topics.delete(names);
        }
        // The mean corrects for a machine that becomes slower or faster during the turn.
        Written after = write(plain);
        turn.environment().execute("DROP TABLE %s, %s".formatted(watched, plain));

        double without = (before.rate() + after.rate()) / 2;
        turn.add(prefix + " ratio", "", with.rate() / without);
        rest.ifPresent(further ->
                turn.add(prefix + " ratio, with the work that remains", "", ratio(before, with, further, after)));
        stopped.ifPresent(rate -> turn.add(prefix + " ratio, stopped", "", rate / without));
        return new Throughputs(with.rate(), without);
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
