package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.contender.Contender.Trait;
import io.ectowatch.benchmarks.probe.Writers;
import java.sql.SQLException;

/** The throughput of concurrent writers with and without a contender. */
final class WriterCost implements Workload {

    @Override
    public String name() {
        return "writers";
    }

    @Override
    public String description(Options options) {
        return """
                Concurrent writers (%s, in a separate process) of transactions that insert one row, %d s each, with the \
                contender, and directly before and after that without it on a table of the same kind, for each number of \
                writers. The first second, in which sessions start, is not measured.\s""".formatted(Writers.kind(), options.writing()) + WriterCosts.meaning(options);
    }

    @Override
    public boolean takes(Contender contender) {
        return contender.is(Trait.COMPLETE) || contender.is(Trait.BOUNDS_WRITERS);
    }

    @Override
    public void turn(Turn turn) throws Exception {
        for (int writers : turn.options().writers()) {
            String prefix = writers + (writers == 1 ? " writer" : " writers");
            WriterCosts.Throughputs throughputs = new WriterCosts(turn, new Inserted(), writers).measure(prefix);
            turn.add(prefix, "tx/s", throughputs.with());
            turn.add(prefix + " without", "tx/s", throughputs.without());
        }
    }

    /** Rows are inserted into the usual table. */
    static final class Inserted implements WrittenTable {

        @Override
        public String create(Environment environment) throws SQLException {
            return environment.newTable();
        }

        @Override
        public String statement(String table) {
            return "INSERT INTO " + table + " (n, words) VALUES (1, 'a')";
        }
    }
}
