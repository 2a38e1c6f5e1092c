package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Arrivals;
import io.ectowatch.benchmarks.probe.HeapMonitor;
import io.ectowatch.benchmarks.probe.OldestSnapshot;
import io.ectowatch.benchmarks.probe.Samples;
import io.ectowatch.benchmarks.probe.Timeline;
import io.ectowatch.benchmarks.probe.Topics;
import io.ectowatch.benchmarks.probe.WorkerProcess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The rate at which the rows that a table already has are published, and the latency of live changes meanwhile. All
 * contenders and rounds read the same table.
 */
final class Backfill implements Workload {

    /** Live changes have smaller keys, which are the numbers of the timeline. */
    private static final long FIRST_KEY = 1_000_000_000;

    private static final int ROWS_PER_STATEMENT = 100_000;
    private static final int LIVE_RATE = 200;

    /** More rows than can be published in a second. */
    private static final long ROWS_PER_SECOND = 400_000;

    private static final int MOST_REQUESTS = 100;

    private String table = "";

    @Override
    public String name() {
        return "backfill";
    }

    @Override
    public String description(Options options) {
        return """
                The rows of a table of %,d are published, or the rows of the first %d s. The time runs from the request (the \
                call of the function; the creation of Debezium's connector) until the last record is in the topic; *once \
                begun* excludes the time until the first record. *Oldest snapshot* is the greatest age of a transaction that \
                holds a snapshot; *heap* the maximum use of the worker's heap directly after a garbage collection. *Live*: \
                one-row transactions at %d per second in the same table, %d s without a backfill and as long with one, from \
                sending COMMIT to the return of the consumer's poll.""".formatted(options.backfillRows(), options.backfillLimit(), LIVE_RATE, options.backfillLive());
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.PUBLISHES_ROWS);
    }

    @Override
    public String reference() {
        return "ceiling";
    }

    @Override
    public List<String> compared() {
        return List.of("keys/s", "keys/s once begun");
    }

    @Override
    public void turn(Turn turn) throws Exception {
        if (table.isEmpty()) {
            table = filledTable(turn.environment(), turn.options().backfillRows());
        }
        try (RunningContender running = turn.contender().startForRows(turn.environment(), table);
                Topics topics = new Topics(turn.environment())) {
            List<String> names = new ArrayList<>(running.topicsOfRows(table));
            names.addAll(running.topicsOfEnds(table));
            topics.create(names);
            rate(turn, running, topics);
            if (turn.contender().is(Trait.PUBLISHES_CHANGES_MEANWHILE)) {
                live(turn, running, topics);
            }
            if (!names.isEmpty()) {
                topics.delete(names);
            }
        }
        turn.environment().execute("DELETE FROM " + table + " WHERE id < " + FIRST_KEY);
    }

    private static String filledTable(Environment environment, int rows) throws SQLException {
        String table = environment.newTable();
        try (Connection connection = environment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            for (int from = 0; from < rows; from += ROWS_PER_STATEMENT) {
                statement.execute(
                        "INSERT INTO %s (id, n, words) SELECT n, n - %d, 'row number ' || n FROM generate_series(%d, %d) n"
                                .formatted(
                                        table,
                                        FIRST_KEY,
                                        FIRST_KEY + from,
                                        FIRST_KEY + Math.min(rows, from + ROWS_PER_STATEMENT) - 1));
            }
            statement.execute("SET synchronous_commit = on");
            statement.execute("VACUUM (FREEZE, ANALYZE) " + table);
            statement.execute("CHECKPOINT"); // So that the server does not write the checkpoint during the measurement.
        }
        return table;
    }

    private void rate(Turn turn, RunningContender running, Topics topics) throws Exception {
        int rows = turn.options().backfillRows();
        List<String> names = running.topicsOfRows(table);
        try (OldestSnapshot oldest = OldestSnapshot.in(turn.environment());
                HeapMonitor heap = WorkerProcess.find().watchHeap()) {
            long begin = System.nanoTime();
            running.publishRows(table, rows);
            if (names.isEmpty()) {
                turn.add("keys/s", "1/s", rows / Drain.seconds(begin, System.nanoTime()));
                return;
            }
            long before = topics.awaitRecords(names, 1, Duration.ofMinutes(1));
            long first = System.nanoTime();
            long published = topics.awaitRecords(
                    names, rows, Duration.ofSeconds(turn.options().backfillLimit()));
            long end = System.nanoTime();
            turn.add("keys/s", "1/s", published / Drain.seconds(begin, end));
            if (published > before) {
                turn.add("keys/s once begun", "1/s", (published - before) / Drain.seconds(first, end));
            }
            turn.add("until the first", "s", Drain.seconds(begin, first));
            turn.add("published of the table", "%", 100.0 * published / rows);
            turn.add("oldest snapshot", "s", oldest.seconds());
            turn.add("heap", "MiB", heap.greatest() / 1048576.0);
        }
    }

    private void live(Turn turn, RunningContender running, Topics topics) throws Exception {
        int seconds = turn.options().backfillLive();
        List<String> tables = List.of(table);
        Timeline timeline = new Timeline(Latency.PROBES + 2 * LIVE_RATE * seconds);
        try (Arrivals arrivals = Arrivals.in(turn.environment(), running.topics(table), timeline);
                Pacer pacer = new Pacer(running, tables, timeline)) {
            pacer.probe();
            measure(turn, "live without: ", timeline, arrivals, pacer.run(LIVE_RATE, seconds));
            List<String> reads = running.topicsOfRows(table);
            long ends = topics.records(running.topicsOfEnds(table));
            long before = topics.records(reads);
            int requests = (int) Math.min(
                    MOST_REQUESTS,
                    1 + seconds * ROWS_PER_SECOND / turn.options().backfillRows());
            for (int i = 0; i < requests; i++) {
                running.publishRows(table, turn.options().backfillRows());
            }
            long begun = topics.awaitRecords(reads, before + 1, Duration.ofMinutes(1));
            long begin = System.nanoTime();
            Pacer.Span span = pacer.run(LIVE_RATE, seconds);
            double rate = (topics.records(reads) - begun) / Drain.seconds(begin, System.nanoTime());
            if (topics.records(running.topicsOfEnds(table)) >= ends + requests) {
                throw new IllegalStateException("all " + requests + " backfills ended before the live changes did");
            }
            measure(turn, "live during: ", timeline, arrivals, span);
            turn.add("live during: keys/s", "1/s", rate);
        }
    }

    private static void measure(Turn turn, String prefix, Timeline timeline, Arrivals arrivals, Pacer.Span span) {
        int lost = arrivals.await(span.from(), span.to());
        Samples samples = timeline.latencies(span.from(), span.to());
        turn.add(prefix + "p50", "ms", samples.median());
        turn.add(prefix + "p99", "ms", samples.percentile(0.99));
        turn.add(prefix + "max", "ms", samples.greatest());
        turn.add(prefix + "lost", "changes", lost);
    }
}
