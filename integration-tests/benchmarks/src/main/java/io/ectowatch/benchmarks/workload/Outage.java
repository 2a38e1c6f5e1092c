package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.ServerDisk;
import io.ectowatch.benchmarks.probe.Timeline;
import java.util.List;

/** A connector that is stopped for a while and resumed, while the writers continue. */
final class Outage implements Workload {

    private static final int RATE = 500;

    @Override
    public String name() {
        return "outage";
    }

    @Override
    public String description(Options options) {
        return """
                The connector is stopped for %d s while writers continue with %d one-row transactions/s. The disk use of the \
                server per change, and the time from `PUT /resume` until the last of those changes has arrived.""".formatted(options.outage(), RATE);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.KEEPS_BACKLOG) && contender.is(Trait.CARRIES_CHANGES);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        int warmUp = Latency.warmUpSeconds(turn.options());
        int seconds = turn.options().outage();
        String table = turn.environment().newTable();
        Timeline timeline = new Timeline(Latency.PROBES + Latency.WARM_UP_RATE * warmUp + RATE * seconds);
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table));
                Arrivals arrivals = Arrivals.in(turn.environment(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, List.of(table), timeline)) {
            pacer.probe();
            Pacer.Span warm = pacer.run(Latency.WARM_UP_RATE, warmUp);
            arrivals.await(warm.from(), warm.to());
            running.stop();
            ServerDisk disk = new ServerDisk(turn.environment());
            long journal = disk.journal();
            long log = disk.logKeptForSlots();
            Pacer.Span away = pacer.run(RATE, seconds);
            double changes = away.to() - away.from();
            turn.add("journal", "bytes per change", (disk.journal() - journal) / changes);
            turn.add("log kept for the slot", "bytes per change", (disk.logKeptForSlots() - log) / changes);
            long begin = System.nanoTime();
            running.resume();
            turn.add("lost", "changes", arrivals.await(away.from(), away.to()));
            turn.add("caught up after", "s", (timeline.lastArrival(away.from(), away.to()) - begin) / 1e9);
        }
    }
}
