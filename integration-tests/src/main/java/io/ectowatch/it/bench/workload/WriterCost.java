package io.ectowatch.it.bench.workload;

import io.ectowatch.it.bench.Options;
import io.ectowatch.it.bench.contender.Contender;
import io.ectowatch.it.bench.contender.Contender.Trait;
import io.ectowatch.it.bench.contender.Running;
import io.ectowatch.it.bench.probe.Topics;
import io.ectowatch.it.bench.probe.Writers;
import java.util.LinkedHashMap;
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
                and then without it on a table of the same kind. *Ratio*: with divided by without, of the same turn. \
                *Stopped*: the connector is stopped and its triggers are in place.""".formatted(Writers.kind(), options.writing());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.is(Trait.BOUNDS_WRITERS);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        String watched = turn.arena().newTable();
        String plain = turn.arena().newTable();
        Map<Integer, Double> with = new LinkedHashMap<>();
        Map<Integer, Double> stopped = new LinkedHashMap<>();
        try (Running running = turn.contender().start(turn.arena(), List.of(watched));
                Topics topics = new Topics(turn.arena())) {
            topics.create(running.topics(watched));
            measure(turn, watched, with);
            if (turn.contender().is(Trait.HAS_TRIGGERS)) {
                running.stop();
                measure(turn, watched, stopped);
            }
            topics.delete(running.topics(watched));
        }
        Map<Integer, Double> without = new LinkedHashMap<>();
        measure(turn, plain, without);
        without.forEach((writers, rate) -> {
            String prefix = writers + (writers == 1 ? " writer" : " writers");
            turn.add(prefix, "tx/s", with.get(writers));
            turn.add(prefix + " without", "tx/s", rate);
            turn.add(prefix + " ratio", "", with.get(writers) / rate);
            if (!stopped.isEmpty()) {
                turn.add(prefix + " ratio, stopped", "", stopped.get(writers) / rate);
            }
        });
        turn.arena().execute("DROP TABLE %s, %s".formatted(watched, plain));
    }

    private static void measure(Turn turn, String table, Map<Integer, Double> rates) throws Exception {
        for (int writers : turn.options().writers()) {
            turn.arena().execute("CHECKPOINT");
            rates.put(
                    writers,
                    new Writers(turn.arena())
                            .write(table, writers, turn.options().writing()));
        }
    }
}
