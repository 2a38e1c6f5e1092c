package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Arena;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;

/** One contender's turn in one round of a workload. */
public record Turn(Arena arena, Options options, Contender contender, Figures figures) {

    /** Takes what was measured. */
    public interface Figures {

        /**
         * @param measure what was measured, the same in each round
         * @param unit of the value, for example {@code ms}
         */
        void add(String measure, String unit, double value);
    }

    void add(String measure, String unit, double value) {
        figures.add(measure, unit, value);
    }
}
