package io.ectowatch.benchmarks.workload;

import java.util.List;

/**
 * All workloads there are, in the order in which they are run. Those that send very many records come first: until the
 * worker's code has been compiled, the compiler takes the processors from what is measured.
 */
public final class Workloads {

    private Workloads() {}

    public static List<Workload> all() {
        return List.of(
                Drain.ofLargeStatements(),
                Drain.ofSmallTransactions(),
                new Latency(),
                new WriterCost(),
                new Bulk(),
                new Bytes(),
                new HeldOpen(),
                new Outage(),
                new Idle(),
                new Tables(),
                new Backlogs(),
                new HotPath());
    }
}
