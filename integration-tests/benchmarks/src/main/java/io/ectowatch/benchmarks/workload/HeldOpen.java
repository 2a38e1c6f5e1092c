package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.ServerDisk;
import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;

/** The effect of a long transaction on the changes of other sessions. */
final class HeldOpen implements Workload {

    private static final int RATE = 200;

    @Override
    public String name() {
        return "held-open";
    }

    @Override
    public String description(Options options) {
        return """
                A transaction that has inserted a row stays open for %d s, while other sessions insert %d rows/s: their latency, \
                and the disk use at the end: of the journal, and of the WAL that the slot retains.""".formatted(options.outage(), RATE);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        int warmUp = Latency.warmUpSeconds(turn.options());
        int seconds = turn.options().outage();
        String table = turn.environment().newTable();
        Timeline timeline = new Timeline(Latency.PROBES + Latency.WARM_UP_RATE * warmUp + RATE * seconds);
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table));
                Arrivals arrivals = Arrivals.in(turn.environment(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, List.of(table), timeline);
                Connection open = turn.environment().connect();
                Statement statement = open.createStatement()) {
            pacer.probe();
            Pacer.Span warm = pacer.run(Latency.WARM_UP_RATE, warmUp);
            arrivals.await(warm.from(), warm.to());
            open.setAutoCommit(false);
            statement.execute("INSERT INTO " + turn.environment().newTable() + " (n, words) VALUES (1, 'held')");
            Pacer.Span span = pacer.run(RATE, seconds);
            turn.add("lost", "changes", arrivals.await(span.from(), span.to()));
            Latency.report(turn, "", timeline, span);
            ServerDisk disk = new ServerDisk(turn.environment());
            turn.add("journal", "KiB", disk.journal() / 1024.0);
            turn.add("log kept for the slot", "KiB", disk.logKeptForSlots() / 1024.0);
            open.rollback();
        }
    }
}
