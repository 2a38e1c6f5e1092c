package io.ectowatch.benchmarks.workload;

import io.ectowatch.benchmarks.Environment;
import io.ectowatch.benchmarks.Options;
import io.ectowatch.benchmarks.contender.Contender;

/** The run of one contender in one round of a workload. */
public record Turn(Environment environment, Options options, Contender contender, Figures figures) {

    /** Receives the measured values. */
    public interface Figures {

        /**
         * @param measure the name of the measurement, the same in each round
         * @param unit of the value, for example {@code ms}
         */
        void add(String measure, String unit, double value);
    }

    void add(String measure, String unit, double value) {
        figures.add(measure, unit, value);
    }
}
