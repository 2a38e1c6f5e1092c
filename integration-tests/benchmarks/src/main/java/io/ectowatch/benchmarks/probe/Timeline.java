package io.ectowatch.benchmarks.probe;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * For each numbered change, the times when its COMMIT was sent, when it returned, and when the record arrived.
 * Thread-safe.
 */
public final class Timeline {

    private final AtomicLongArray sent;
    private final AtomicLongArray returned;
    private final AtomicLongArray arrived;
    private final AtomicInteger next = new AtomicInteger();

    /** @param capacity the maximum number of changes */
    public Timeline(int capacity) {
        sent = new AtomicLongArray(capacity);
        returned = new AtomicLongArray(capacity);
        arrived = new AtomicLongArray(capacity);
    }

    /** Returns the number for the next change. */
    public int next() {
        return next.getAndIncrement();
    }

    /** How many numbers {@link #next()} has returned. */
    public int made() {
        return next.get();
    }

    public void sent(int number, long nanoTime) {
        sent.set(number, nanoTime);
    }

    public void returned(int number, long nanoTime) {
        returned.set(number, nanoTime);
    }

    /** Records an arrival. Ignores duplicates of a change. */
    void arrived(int number, long nanoTime) {
        arrived.compareAndSet(number, 0, nanoTime);
    }

    public boolean hasArrived(int number) {
        return arrived.get(number) != 0;
    }

    /** The number of changes of this range that have not arrived. */
    int missing(int from, int to) {
        int missing = 0;
        for (int number = from; number < to; number++) {
            if (!hasArrived(number)) {
                missing++;
            }
        }
        return missing;
    }

    /** The time of the last arrival of this range. */
    public long lastArrival(int from, int to) {
        long last = arrived.get(from);
        for (int number = from; number < to; number++) {
            if (hasArrived(number) && arrived.get(number) - last > 0) {
                last = arrived.get(number);
            }
        }
        return last;
    }

    /** The times from sending COMMIT to the arrival, in milliseconds. Only for changes that have arrived. */
    public Samples latencies(int from, int to) {
        return differences(sent, from, to);
    }

    /** The times from the return of COMMIT to the arrival, in milliseconds. */
    public Samples latenciesAfterCommit(int from, int to) {
        return differences(returned, from, to);
    }

    private Samples differences(AtomicLongArray begin, int from, int to) {
        Samples samples = new Samples();
        for (int number = from; number < to; number++) {
            if (hasArrived(number)) {
                samples.add((arrived.get(number) - begin.get(number)) / 1e6);
            }
        }
        return samples;
    }
}
