package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.util.List;
import java.util.Set;

/** A way for row changes to become Kafka records, or a part of one that bounds what is possible. */
public interface Contender {

    /** What a contender can be asked to do. */
    enum Trait {
        /** Carries what happens to tables. */
        CARRIES_CHANGES,
        /** Runs where writers, bulk statements and idleness are measured, and can watch many tables. */
        COMPLETE,
        /** Delivers later what happened while it was stopped. */
        KEEPS_BACKLOG,
        /** Has triggers, which writers pay for also while it is stopped. */
        HAS_TRIGGERS,
        /** Is there for what writers pay, and nothing else. */
        BOUNDS_WRITERS,
        /** Is there for how soon a change can arrive, and nothing else. */
        BOUNDS_LATENCY
    }

    /** As it is called on the command line and in reports. */
    String name();

    /** What it is, in a line. */
    String description();

    Set<Trait> traits();

    /**
     * Has it watch tables, and returns when it does.
     *
     * @throws Exception when it does not start; what it has left behind is removed
     */
    Running start(Arena arena, List<String> tables) throws Exception;

    default boolean is(Trait trait) {
        return traits().contains(trait);
    }
}
