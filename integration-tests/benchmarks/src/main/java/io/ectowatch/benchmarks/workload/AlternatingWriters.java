package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.probe.PausableProcess;
import io.ectowatch.benchmarks.probe.Writers;
import io.ectowatch.benchmarks.workload.WriterCosts.Throughputs;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Concurrent writers of two statements. The sessions of both are connected all the time, and they take turns in short
 * slices, so that a machine that becomes slower or faster changes both throughputs alike. Nothing else may write
 * meanwhile: transactions are counted by the transaction IDs that they use.
 */
final class AlternatingWriters {

    static final Duration SLICE = Duration.ofMillis(500);

    /** Both run together for this time at first: sessions plan statements and load functions. */
    private static final Duration WARMING = Duration.ofSeconds(3);

    /** The time after which every session has a transaction in progress again. */
    private static final Duration SETTLING = Duration.ofMillis(100);

    /** The transactions from whose IDs the number of IDs of one transaction is found. */
    private static final int COUNTED = 20;

    private static final String NOW = """
            SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, extract(epoch FROM clock_timestamp())::float8
            """;

    private static final String SESSIONS =
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = '%s'"
                    .formatted(Environment.SESSION_NAME);

    /** The next transaction ID, and the server's clock in seconds. */
    record Reading(long nextId, double time) {}

    /** The throughput of a slice in transactions/s, if each uses this number of IDs. */
    static double rate(Reading begin, Reading end, long idsOfOne) {
        return (end.nextId() - begin.nextId()) / (double) idsOfOne / (end.time() - begin.time());
    }

    /**
     * The throughputs of the slices, in transactions/s.
     *
     * @param with one for each round
     * @param without one for each round
     */
    record Slices(List<Double> with, List<Double> without) {

        Throughputs means() {
            return new Throughputs(mean(with), mean(without));
        }

        /** The median of the ratios of the rounds: other load in some slices does not change it much. */
        double ratio() {
            double[] ratios = IntStream.range(0, with.size())
                    .mapToDouble(round -> with.get(round) / without.get(round))
                    .sorted()
                    .toArray();
            return (ratios[(ratios.length - 1) / 2] + ratios[ratios.length / 2]) / 2;
        }

        private static double mean(List<Double> rates) {
            return rates.stream().mapToDouble(rate -> rate).average().orElseThrow();
        }
    }

    private final Environment environment;
    private final int writers;
    private final int slices;

    /**
     * @param writers the number of writers of each statement
     * @param slices the number of slices of each statement
     */
    AlternatingWriters(Environment environment, int writers, int slices) {
        this.environment = environment;
        this.writers = writers;
        this.slices = slices;
    }

    /** Measures the throughputs of a statement on a table with a contender, and on one without. */
    Slices measure(String with, String without) throws Exception {
        try (Connection connection = environment.connect();
                Statement server = connection.createStatement()) {
            long idsWith = idsOfOne(server, with);
            long idsWithout = idsOfOne(server, without);
            Slices measured = new Slices(new ArrayList<>(), new ArrayList<>());
            Writers start = new Writers(environment);
            try (PausableProcess first = start.start(with, writers);
                    PausableProcess second = start.start(without, writers)) {
                warm(server, first, second);
                for (int round = 0; round < slices; round++) {
                    for (boolean isFirst : order(round)) {
                        if (isFirst) {
                            measured.with().add(slice(server, first, idsWith));
                        } else {
                            measured.without().add(slice(server, second, idsWithout));
                        }
                    }
                }
                if (number(server, SESSIONS) != 2 * writers) {
                    throw new IllegalStateException("some writers failed: " + first.output() + second.output());
                }
            }
            Environment.await("the writers' sessions to end", () -> number(server, SESSIONS) == 0);
            return measured;
        }
    }

    /** Whether the first is next, for both slices of a round: every second round is in reverse order. */
    static List<Boolean> order(int round) {
        boolean first = round % 2 == 0;
        return List.of(first, !first);
    }

    /** How many IDs a transaction uses: a trigger with an exception block uses one for its subtransaction too. */
    private static long idsOfOne(Statement server, String statement) throws SQLException {
        Reading begin = read(server);
        for (int i = 0; i < COUNTED; i++) {
            server.execute(statement);
        }
        return idsOfOne(read(server).nextId() - begin.nextId(), COUNTED);
    }

    /** Rounds: a background process, such as autovacuum, can use an ID too. */
    static long idsOfOne(long ids, int transactions) {
        if (ids < transactions) {
            throw new IllegalStateException("%d transactions used %d transaction IDs, so not all of them changed a row"
                    .formatted(transactions, ids));
        }
        return Math.round(ids / (double) transactions);
    }

    private void warm(Statement server, PausableProcess first, PausableProcess second) throws Exception {
        try {
            Environment.await("the writers to connect", () -> number(server, SESSIONS) >= 2 * writers);
        } catch (RuntimeException e) {
            throw new IllegalStateException("the writers did not connect: " + first.output() + second.output(), e);
        }
        Thread.sleep(WARMING.toMillis());
        first.pause();
        second.pause();
        awaitIdle(server);
    }

    /**
     * Lets one of them run. Returns the transactions/s. The time begins after the begin and ends before the end, because there every session has a
     * transaction in progress: otherwise those that are in progress at the end would count, or not, for no time.
     */
    private static double slice(Statement server, PausableProcess process, long idsOfOne) throws Exception {
        process.resume();
        Thread.sleep(SETTLING.toMillis());
        Reading begin = read(server);
        Thread.sleep(SLICE.toMillis());
        Reading end = read(server);
        process.pause();
        awaitIdle(server);
        return rate(begin, end, idsOfOne);
    }

    private static void awaitIdle(Statement server) {
        Environment.await(
                "the writers' last transactions to end", () -> number(server, SESSIONS + " AND state <> 'idle'") == 0);
    }

    private static Reading read(Statement server) throws SQLException {
        try (ResultSet result = server.executeQuery(NOW)) {
            result.next();
            return new Reading(result.getLong(1), result.getDouble(2));
        }
    }

    private static long number(Statement server, String sql) throws SQLException {
        try (ResultSet result = server.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
