package io.ectowatch.benchmarks.report;

/**
 * One measured value.
 *
 * @param measure the name of the measurement, the same in each round
 * @param unit of the value, for example {@code ms}
 */
record Measurement(String workload, String contender, String measure, String unit, double value) {

    private static final String SEPARATOR = ";";

    String line() {
        return String.join(SEPARATOR, workload, contender, measure, unit, Double.toString(value));
    }

    static Measurement of(String line) {
        String[] parts = line.split(SEPARATOR);
        return new Measurement(parts[0], parts[1], parts[2], parts[3], Double.parseDouble(parts[4]));
    }
}
