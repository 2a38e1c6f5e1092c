package io.ectowatch.benchmarks.probe;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** When each of the numbered changes was sent to be committed, had been committed, and arrived. Safe for many threads. */
public final class Timeline {

    private final AtomicLongArray sent;
    private final AtomicLongArray returned;
    private final AtomicLongArray arrived;
    private final AtomicInteger next = new AtomicInteger();

    /** @param capacity how many changes there may be */
    public Timeline(int capacity) {
        sent = new AtomicLongArray(capacity);
        returned = new AtomicLongArray(capacity);
        arrived = new AtomicLongArray(capacity);
    }

    /** The number of a change that is about to be made. */
    public int next() {
        return next.getAndIncrement();
    }

    /** How many numbers have been given out. */
    public int made() {
        return next.get();
    }

    public void sent(int number, long nanoTime) {
        sent.set(number, nanoTime);
    }

    public void returned(int number, long nanoTime) {
        returned.set(number, nanoTime);
    }

    /** Notes an arrival; of several of the same change only the first counts. */
    void arrived(int number, long nanoTime) {
        arrived.compareAndSet(number, 0, nanoTime);
    }

    public boolean hasArrived(int number) {
        return arrived.get(number) != 0;
    }

    /** How many of the changes from one number up to another have not arrived. */
    int missing(int from, int to) {
        int missing = 0;
        for (int number = from; number < to; number++) {
            if (!hasArrived(number)) {
                missing++;
            }
        }
        return missing;
    }

    /** When the last of them arrived. */
    public long lastArrival(int from, int to) {
        long last = arrived.get(from);
        for (int number = from; number < to; number++) {
            if (hasArrived(number) && arrived.get(number) - last > 0) {
                last = arrived.get(number);
            }
        }
        return last;
    }

    /** From the commit's sending to the arrival, in milliseconds, of those that have arrived. */
    public Samples latencies(int from, int to) {
        return differences(sent, from, to);
    }

    /** From the commit's return to the arrival, in milliseconds. */
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
