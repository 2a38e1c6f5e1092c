package io.ectowatch.it.bench.workload;

import io.ectowatch.it.bench.Options;
import io.ectowatch.it.bench.contender.Contender;
import io.ectowatch.it.bench.contender.Contender.Trait;
import io.ectowatch.it.bench.contender.Running;
import io.ectowatch.it.bench.probe.Topics;
import io.ectowatch.it.bench.probe.Writers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
                and before and after that without it on a table of the same kind. *Ratio*: with divided by the mean of the \
                two without, of the same turn. *Stopped*: the connector is stopped and its triggers are in place.""".formatted(Writers.kind(), options.writing());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.is(Trait.BOUNDS_WRITERS);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        String watched = turn.arena().newTable();
        String plain = turn.arena().newTable();
        Map<Integer, Double> before = measure(turn, plain);
        Map<Integer, Double> with;
        Map<Integer, Double> stopped = Map.of();
        try (Running running = turn.contender().start(turn.arena(), List.of(watched));
                Topics topics = new Topics(turn.arena())) {
            topics.create(running.topics(watched));
            with = measure(turn, watched);
            if (turn.contender().is(Trait.HAS_TRIGGERS)) {
                running.stop();
                stopped = measure(turn, watched);
            }
            topics.delete(running.topics(watched));
        }
        // A machine that grows slower or faster meanwhile does so for both.
        Map<Integer, Double> after = measure(turn, plain);
        for (int writers : turn.options().writers()) {
            double without = (before.get(writers) + after.get(writers)) / 2;
            String prefix = writers + (writers == 1 ? " writer" : " writers");
            turn.add(prefix, "tx/s", with.get(writers));
            turn.add(prefix + " without", "tx/s", without);
            turn.add(prefix + " ratio", "", with.get(writers) / without);
            if (!stopped.isEmpty()) {
                turn.add(prefix + " ratio, stopped", "", stopped.get(writers) / without);
            }
        }
        turn.arena().execute("DROP TABLE %s, %s".formatted(watched, plain));
    }

    private static Map<Integer, Double> measure(Turn turn, String table) throws Exception {
        Map<Integer, Double> rates = new HashMap<>();
        for (int writers : turn.options().writers()) {
            turn.arena().execute("CHECKPOINT");
            rates.put(
                    writers,
                    new Writers(turn.arena())
                            .write(table, writers, turn.options().writing()));
        }
        return rates;
    }
}
