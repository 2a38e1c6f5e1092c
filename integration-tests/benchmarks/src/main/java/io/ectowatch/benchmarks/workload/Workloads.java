package io.ectowatch.benchmarks.workload;

import java.util.List;

/**
 * All workloads, in the order of a run. Workloads with many records are first, because they get the worker's code
 * compiled: until then, the compiler uses the processors too.
 */
public final class Workloads {

    private Workloads() {}

    public static List<Workload> all() {
        return List.of(
                Drain.ofLargeStatements(),
                Drain.ofSmallTransactions(),
                new DrainKeys(),
                new Latency(),
                new WriterCost(),
                new OneRow(),
                new FirstStatements(),
                new Bulk(),
                new Bytes(),
                new HeldOpen(),
                new Outage(),
                new Idle(),
                new Tables(),
                new Connectors(),
                new Backlogs(),
                new Backfill(),
                new HotPath());
    }
}
