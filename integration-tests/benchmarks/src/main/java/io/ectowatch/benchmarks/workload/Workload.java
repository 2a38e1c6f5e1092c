package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;
import java.util.List;

/** A measured workload. */
public interface Workload {

    /** The name on the command line and in reports. */
    String name();

    /** What the workload does and what its figures mean, with the options of this run, in Markdown. */
    String description(Options options);

    /** Whether that contender takes part. */
    boolean takes(Contender contender);

    /** The contender that the ratios in reports refer to, or null. */
    default String reference() {
        return null;
    }

    /** The measures whose ratios between {@link #reference} and others are not enough: the report has them between all. */
    default List<String> compared() {
        return List.of();
    }

    /** Runs the workload once with one contender, from its start to its removal. */
    void turn(Turn turn) throws Exception;
}
