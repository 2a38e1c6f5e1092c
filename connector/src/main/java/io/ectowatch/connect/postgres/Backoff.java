package io.ectowatch.connect.postgres;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The wait before the next attempt: it doubles with each failure, has jitter and an upper limit, and starts again
 * after a success.
 */
public final class Backoff {

    private static final long FIRST_MS = 200;
    private static final long LIMIT_MS = 10_000;

    private int failures;

    /** Counts a failure; returns the wait before the next attempt, in milliseconds. */
    public long failed() {
        long ceiling = Math.min(LIMIT_MS, FIRST_MS << Math.min(failures, 16));
        failures++;
        return ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1);
    }

    public void succeeded() {
        failures = 0;
    }

    /** How many attempts have failed since the last success. */
    public int failures() {
        return failures;
    }
}
