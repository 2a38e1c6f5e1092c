package io.ectowatch.connect.journal;

import java.util.concurrent.TimeUnit;

/** How fast changes come, judged by when the last transactions were found. */
final class Pace {

    private static final int TRANSACTIONS = 8;

    /**
     * When so much time or more lies between two of them, being woken for each costs less than going on looking, and is
     * sooner.
     */
    private static final long SLOW_NS = TimeUnit.MILLISECONDS.toNanos(8);

    private final long[] found = new long[TRANSACTIONS];
    private long count;

    /**
     * A look has found some.
     *
     * @param alone whether none was in progress then. Otherwise they count as many, however slowly they come: commits that
     *     notify wait for each other, and those of a server with a synchronous standby may take long
     * @param time in nanoseconds, as of {@link System#nanoTime}
     */
    void found(int transactions, boolean alone, long time) {
        for (int i = 0; i < (alone ? Math.min(transactions, TRANSACTIONS) : TRANSACTIONS); i++) {
            found[(int) (count % TRANSACTIONS)] = time;
            count++;
        }
    }

    /** Whether few come. */
    boolean isSlow(long time) {
        return count < TRANSACTIONS || time - found[(int) (count % TRANSACTIONS)] >= TRANSACTIONS * SLOW_NS;
    }
}
