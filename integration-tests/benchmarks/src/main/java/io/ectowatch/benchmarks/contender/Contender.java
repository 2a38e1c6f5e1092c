package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.util.List;
import java.util.Set;

/** A product or method that publishes row changes to Kafka, or a part of it that is an upper or lower bound. */
public interface Contender {

    /** Which measurements a contender takes part in. */
    enum Trait {
        /** Publishes changes of tables. */
        CARRIES_CHANGES,
        /** Takes part in the workloads for writers, bulk statements, idle time and many tables. */
        COMPLETE,
        /** Delivers the changes that were made while it was stopped. */
        KEEPS_BACKLOG,
        /** Publishes changes of tables with any primary key, not only with a {@code bigint} named {@code id}. */
        ANY_KEY,
        /** Has triggers, which cost writers also while it is stopped. */
        HAS_TRIGGERS,
        /** A bound for the cost of writers only. */
        BOUNDS_WRITERS,
        /** A bound for the latency only. */
        BOUNDS_LATENCY,
        /** Publishes the rows that a table already has, or is a bound for that. */
        PUBLISHES_ROWS,
        /** Publishes changes also while it publishes such rows. */
        PUBLISHES_CHANGES_MEANWHILE,
        /** Runs only if it is named. */
        ON_REQUEST
    }

    /** The name on the command line and in reports. */
    String name();

    /** A description of one line, for reports. */
    String description();

    Set<Trait> traits();

    /**
     * Starts it and waits until it captures the changes of the tables.
     *
     * @throws Exception if it does not start; its objects are then removed
     */
    RunningContender start(Environment environment, List<String> tables) throws Exception;

    /**
     * Starts it so that {@link RunningContender#publishRows} can follow.
     *
     * @throws Exception if it does not start; its objects are then removed
     */
    default RunningContender startForRows(Environment environment, String table) throws Exception {
        return start(environment, List.of(table));
    }

    default boolean is(Trait trait) {
        return traits().contains(trait);
    }
}
