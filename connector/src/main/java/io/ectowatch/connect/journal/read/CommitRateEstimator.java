package io.ectowatch.connect.journal.read;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Estimates how frequent changes are, from when the last transactions were found. */
final class CommitRateEstimator {

    private static final int TRANSACTIONS = 8;

    /**
     * If at least this time is between two transactions, a wake-up for each one costs less than continuous reading,
     * and has a lower latency.
     */
    private static final long SLOW_NS = TimeUnit.MILLISECONDS.toNanos(8);

    private final long[] found = new long[TRANSACTIONS];
    private long count;

    /**
     * A read has found transactions.
     *
     * @param alone whether none was in progress then. Otherwise they count as frequent, however slow they are:
     *     commits that notify wait for each other, and those of a server with a synchronous standby may take long
     * @param time in nanoseconds, as of {@link System#nanoTime}
     */
    void found(int transactions, boolean alone, long time) {
        for (int i = 0; i < (alone ? Math.min(transactions, TRANSACTIONS) : TRANSACTIONS); i++) {
            found[(int) (count % TRANSACTIONS)] = time;
            count++;
        }
    }

    /** Whether changes are infrequent. */
    boolean isSlow(long time) {
        return count < TRANSACTIONS || time - found[(int) (count % TRANSACTIONS)] >= TRANSACTIONS * SLOW_NS;
    }

    /** How many transactions there are, or a few more if they overlapped. */
    static int transactions(List<JournalRow> rows) {
        int transactions = 0;
        long last = 0;
        for (JournalRow row : rows) {
            transactions += row.transactionId() == last ? 0 : 1;
            last = row.transactionId();
        }
        return transactions;
    }
}
