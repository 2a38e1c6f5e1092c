package io.ectowatch.it.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Measured values of one kind. */
final class Samples {

    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    int count() {
        return values.size();
    }

    /** The value that this part (0 to 1) of all values do not exceed. */
    double percentile(double part) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(Math.max(0, (int) Math.ceil(part * sorted.size()) - 1));
    }

    double median() {
        return percentile(0.5);
    }

    /** Median, least and greatest value, in columns. */
    String summary() {
        return String.format(
                Locale.ROOT, "%9.2f (%.2f to %.2f)", median(), Collections.min(values), Collections.max(values));
    }
}
