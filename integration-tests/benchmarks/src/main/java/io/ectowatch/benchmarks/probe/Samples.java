package io.ectowatch.benchmarks.probe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The values of one measurement. */
public final class Samples {

    private final List<Double> values = new ArrayList<>();

    public void add(double value) {
        values.add(value);
    }

    public int count() {
        return values.size();
    }

    /** The percentile for this fraction (0 to 1). There must be at least one value. */
    public double percentile(double part) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(Math.max(0, (int) Math.ceil(part * sorted.size()) - 1));
    }

    public double median() {
        return percentile(0.5);
    }

    public double least() {
        return Collections.min(values);
    }

    public double greatest() {
        return Collections.max(values);
    }
}
