package io.ectowatch.it.bench.workload;

import java.util.List;

/** All workloads there are, in the order in which they are run. */
public final class Workloads {

    private Workloads() {}

    public static List<Workload> all() {
        return List.of(
                new Latency(),
                Drain.ofLargeStatements(),
                Drain.ofSmallTransactions(),
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
