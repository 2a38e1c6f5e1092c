package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.Running;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.ServerDisk;
import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;

/** What a transaction does to the others' changes that stays open all the time. */
final class HeldOpen implements Workload {

    private static final int RATE = 200;

    @Override
    public String name() {
        return "held-open";
    }

    @Override
    public String description(Options options) {
        return """
                A transaction that has inserted a row stays open for %d s, while others insert %d rows/s: their latency, and \
                what is kept on the server's disk at the end: in the journal, and of the write-ahead log for the slot.""".formatted(options.outage(), RATE);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        int warmUp = Latency.warmUpSeconds(turn.options());
        int seconds = turn.options().outage();
        String table = turn.arena().newTable();
        Timeline timeline = new Timeline(Latency.PROBES + Latency.WARM_UP_RATE * warmUp + RATE * seconds);
        try (Running running = turn.contender().start(turn.arena(), List.of(table));
                Arrivals arrivals = Arrivals.in(turn.arena(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, List.of(table), timeline);
                Connection open = turn.arena().connect();
                Statement statement = open.createStatement()) {
            pacer.probe();
            Pacer.Span warm = pacer.run(Latency.WARM_UP_RATE, warmUp);
            arrivals.await(warm.from(), warm.to());
            open.setAutoCommit(false);
            statement.execute("INSERT INTO " + turn.arena().newTable() + " (n, words) VALUES (1, 'held')");
            Pacer.Span span = pacer.run(RATE, seconds);
            turn.add("lost", "changes", arrivals.await(span.from(), span.to()));
            Latency.report(turn, "", timeline, span);
            ServerDisk disk = new ServerDisk(turn.arena());
            turn.add("journal", "KiB", disk.journal() / 1024.0);
            turn.add("log kept for the slot", "KiB", disk.logKeptForSlots() / 1024.0);
            open.rollback();
        }
    }
}
