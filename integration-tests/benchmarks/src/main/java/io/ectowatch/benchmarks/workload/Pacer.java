package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.contender.Changes;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Timeline;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Makes changes at a steady rate. Several writers take part, so that a slow commit does not delay the next change. */
final class Pacer implements AutoCloseable {

    private static final int WRITERS_PER_TABLE = 4;
    private static final int MOST_WRITERS = 8;
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(250);

    private final Timeline timeline;
    private final List<Changes> writers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** A range of change numbers; {@code to} is exclusive. */
    record Span(int from, int to) {}

    Pacer(RunningContender running, List<String> tables, Timeline timeline) throws SQLException {
        this.timeline = timeline;
        int count = Math.min(MOST_WRITERS, WRITERS_PER_TABLE * tables.size());
        for (int i = 0; i < count; i++) {
            writers.add(running.changes(tables.get(i % tables.size())));
        }
    }

    /** Makes changes until one of them has arrived, so that the contender is known to run. */
    void probe() {
        long[] last = {System.nanoTime() - BETWEEN_PROBES.toNanos()};
        int from = timeline.made();
        Environment.await("the first change to arrive", () -> {
            if (System.nanoTime() - last[0] >= BETWEEN_PROBES.toNanos()) {
                writers.get(0).make(timeline.next(), timeline);
                last[0] = System.nanoTime();
            }
            for (int number = from; number < timeline.made(); number++) {
                if (timeline.hasArrived(number)) {
                    return true;
                }
            }
            return false;
        });
    }

    /** Makes changes for this number of seconds. Returns when the last one is committed. */
    Span run(int perSecond, int seconds) throws Exception {
        int from = timeline.made();
        int count = perSecond * seconds;
        long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long begin = System.nanoTime();
        AtomicInteger slots = new AtomicInteger();
        List<Future<Void>> ends = new ArrayList<>();
        for (Changes writer : writers) {
            ends.add(threads.submit(() -> {
                for (int slot = slots.getAndIncrement(); slot < count; slot = slots.getAndIncrement()) {
                    parkUntil(begin + slot * interval);
                    writer.make(timeline.next(), timeline);
                }
                return null;
            }));
        }
        for (Future<Void> end : ends) {
            end.get();
        }
        return new Span(from, timeline.made());
    }

    private static void parkUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        for (Changes writer : writers) {
            writer.close();
        }
    }
}
