package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;

/** Something to do that is measured. */
public interface Workload {

    /** As it is called on the command line and in reports. */
    String name();

    /** What is done and what the figures mean, with the lengths of this run; Markdown. */
    String description(Options options);

    /** Whether it can be done with that contender. */
    boolean takes(Contender contender);

    /** The contender by whose figures the others' are divided in reports, or null. */
    default String reference() {
        return null;
    }

    /** Does it once with one contender, from its start to its removal. */
    void turn(Turn turn) throws Exception;
}
