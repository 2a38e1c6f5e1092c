package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.contender.RunningContender;
import io.ectowatch.benchmarks.probe.Topics;
import java.util.List;

/** The rate at which a backlog is published that was created while the connector was stopped. */
final class Drain implements Workload {

    static final int ROWS_PER_STATEMENT = 1_000;

    private final String name;
    private final int rowsPerStatement;

    private Drain(String name, int rowsPerStatement) {
        this.name = name;
        this.rowsPerStatement = rowsPerStatement;
    }

    /** A backlog of statements that changed many rows. */
    static Drain ofLargeStatements() {
        return new Drain("drain", ROWS_PER_STATEMENT);
    }

    /** A backlog of transactions that changed one row. */
    static Drain ofSmallTransactions() {
        return new Drain("drain-small", 1);
    }

    @Override
    public String name() {
        return name;
    }

    private int changes(Options options) {
        return rowsPerStatement == 1 ? options.smallBacklog() : options.backlog();
    }

    @Override
    public String description(Options options) {
        return """
                %,d changes, %,d in each transaction, made while the connector is stopped (`PUT /stop`). The time runs from \
                `PUT /resume` until the last record is in the topic; *once begun* excludes the time until the first record.""".formatted(changes(options), rowsPerStatement);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.KEEPS_BACKLOG);
    }

    @Override
    public String reference() {
        return "ceiling";
    }

    @Override
    public void turn(Turn turn) throws Exception {
        int changes = changes(turn.options());
        String table = turn.environment().newTable();
        Times times = measure(turn, table, changes, rowsPerStatement);
        turn.add("changes/s", "1/s", times.rate());
        if (times.before() < changes) {
            turn.add("changes/s once begun", "1/s", (changes - times.before()) / seconds(times.first(), times.end()));
        }
        turn.add("until the first", "s", seconds(times.begin(), times.first()));
        turn.environment().execute("DROP TABLE " + table);
    }

    /**
     * When a backlog was published, as {@link System#nanoTime()}.
     *
     * @param begin when the connector was resumed
     * @param first when the first record was seen
     * @param before the number of records at that time
     * @param end when the last record was seen
     */
    record Times(int changes, long begin, long first, long before, long end) {

        /** In changes/s. */
        double rate() {
            return changes / seconds(begin, end);
        }
    }

    /** Makes a backlog of inserted rows, and waits until it is published. */
    static Times measure(Turn turn, String table, int changes, int rowsPerStatement) throws Exception {
        try (RunningContender running = turn.contender().start(turn.environment(), List.of(table));
                Topics topics = new Topics(turn.environment())) {
            List<String> names = running.topics(table);
            topics.create(names);
            running.stop();
            running.createBacklog(table, changes, rowsPerStatement);
            long begin = System.nanoTime();
            running.resume();
            long first = topics.awaitRecords(names, 1);
            long before = topics.records(names);
            long end = topics.awaitRecords(names, changes);
            topics.delete(names);
            return new Times(changes, begin, first, before, end);
        }
    }

    static double seconds(long begin, long end) {
        return (end - begin) / 1e9;
    }
}
