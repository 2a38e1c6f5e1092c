package io.ectowatch.connect.journal.read;

/**
 * The pause after a read of the journal that has found rows. The more rows, the longer: many small reads, each followed by a
 * small batch for Kafka, would take processor time from the writers. But not longer than some times the read itself, which
 * takes longer the less processor time there is. So it is short if the processors have time.
 */
final class ReadRest {

    private static final int LEAST_MICROS = 300;
    private static final int MICROS_PER_ROW = 200;
    private static final int LONGEST_MICROS = 20_000;

    /** So the reads take a fifth of the time at the most. */
    private static final int TIMES_THE_READ = 4;

    private ReadRest() {}

    /**
     * The pause in microseconds.
     *
     * @param rows how many rows the read has found
     * @param readNanos how long the read took, in nanoseconds
     */
    static int microsAfter(int rows, long readNanos) {
        long byRows = LEAST_MICROS + (long) rows * MICROS_PER_ROW;
        long byTime = Math.max(LEAST_MICROS, readNanos / 1_000 * TIMES_THE_READ);
        return (int) Math.min(Math.min(byRows, byTime), LONGEST_MICROS);
    }
}
