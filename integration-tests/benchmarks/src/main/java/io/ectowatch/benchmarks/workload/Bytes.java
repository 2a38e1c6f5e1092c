package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.ServerDisk;
import io.ectowatch.benchmarks.probe.Topics;
import java.util.List;

/** The size of a change in WAL, journal and topic. */
final class Bytes implements Workload {

    private static final int ROWS_PER_STATEMENT = 10_000;

    @Override
    public String name() {
        return "bytes";
    }

    @Override
    public String description(Options options) {
        return """
                %,d changes by INSERTs of %,d rows, and %,d by one-row transactions, made while the connector is stopped: \
                the growth of the WAL (including the row and its index: see `none`) and of the journal with its indexes; then \
                the size of the topics, with JSON and without compression.""".formatted(changes(options), ROWS_PER_STATEMENT, changes(options));
    }

    private static int changes(Options options) {
        return Math.max(ROWS_PER_STATEMENT, options.smallBacklog() / 2);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.name().equals(reference());
    }

    @Override
    public String reference() {
        return "none";
    }

    @Override
    public void turn(Turn turn) throws Exception {
        int changes = changes(turn.options());
        String table = turn.environment().newTable();
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table));
                Topics topics = new Topics(turn.environment())) {
            List<String> names = running.topics(table);
            topics.create(names);
            running.stop();
            createBacklog(turn, running, table, "bulk", changes, ROWS_PER_STATEMENT);
            createBacklog(turn, running, table, "one-row", changes, 1);
            if (turn.contender().is(Trait.KEEPS_BACKLOG)) {
                running.resume();
                topics.awaitRecords(names, 2L * changes);
                turn.add("Kafka", "bytes per record", topics.bytes(names) / (double) topics.records(names));
            }
            topics.delete(names);
        }
        turn.environment().execute("DROP TABLE " + table);
    }

    private static void createBacklog(
            Turn turn, RunningContender running, String table, String kind, int changes, int rowsPerStatement)
            throws Exception {
        ServerDisk disk = new ServerDisk(turn.environment());
        turn.environment().execute("CHECKPOINT");
        long log = disk.log();
        long journal = disk.journal();
        running.createBacklog(table, changes, rowsPerStatement);
        turn.add(kind + ": write-ahead log", "bytes per change", (disk.log() - log) / (double) changes);
        turn.add(kind + ": journal", "bytes per change", (disk.journal() - journal) / (double) changes);
    }
}
