package io.ectowatch.connect.journal.read;

/**
 * The pause after a read of the journal that has found rows: the more rows, the longer. It is longest at some thousands a
 * second. Many small reads, each followed by a small batch for Kafka, would take processor time from the writers.
 */
final class ReadRest {

    private static final int LEAST_MICROS = 300;
    private static final int MICROS_PER_ROW = 200;
    private static final int LONGEST_MICROS = 20_000;

    private ReadRest() {}

    /** The pause in microseconds. */
    static int microsAfter(int rows) {
        return (int) Math.min(LEAST_MICROS + (long) rows * MICROS_PER_ROW, LONGEST_MICROS);
    }
}
