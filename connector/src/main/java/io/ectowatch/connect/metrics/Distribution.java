package io.ectowatch.connect.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The values of the last 30 to 60 seconds: their maximum, average and percentiles, these to one part in eight. One thread
 * records, without a lock and without an allocation but for one each 30 seconds; any thread reads.
 */
final class Distribution {

    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(30);

    /** Smaller values have a bucket of their own. From there on, each doubling has eight. */
    private static final int LINEAR = 16;

    private static final int STEPS = 8;
    private static final int BUCKETS = LINEAR + (Long.SIZE - 5) * STEPS;

    private static final class Window {
        private final long begun;
        private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
        private volatile long max;
        private volatile long sum;
        private volatile long count;

        private Window(long begun) {
            this.begun = begun;
        }

        private boolean isWithin(long nanoTime, long age) {
            return nanoTime - begun < age;
        }
    }

    private volatile @Nullable Window current;
    private volatile @Nullable Window previous;

    /** Adds a value; negative ones count as 0. */
    void record(long value, long nanoTime) {
        Window window = current;
        if (window == null || !window.isWithin(nanoTime, WINDOW_NS)) {
            previous = window;
            window = new Window(nanoTime);
            current = window;
        }
        long counted = Math.max(value, 0);
        window.max = Math.max(window.max, counted);
        window.sum = window.sum + counted;
        window.count = window.count + 1;
        int bucket = bucket(counted);
        window.counts.lazySet(bucket, window.counts.get(bucket) + 1);
    }

    long max(long nanoTime) {
        long max = 0;
        for (Window window : windows(nanoTime)) {
            max = Math.max(max, window.max);
        }
        return max;
    }

    /** The average; 0 without values. */
    long average(long nanoTime) {
        long sum = 0;
        long count = 0;
        for (Window window : windows(nanoTime)) {
            sum += window.sum;
            count += window.count;
        }
        return count == 0 ? 0 : sum / count;
    }

    /** The value that so many percent do not exceed, or a little more; 0 without values. */
    long percentile(int percent, long nanoTime) {
        Window[] windows = windows(nanoTime);
        long count = 0;
        for (Window window : windows) {
            count += window.count;
        }
        long rank = (count * percent + 99) / 100;
        long passed = 0;
        for (int bucket = 0; bucket < BUCKETS && rank > 0; bucket++) {
            for (Window window : windows) {
                passed += window.counts.get(bucket);
            }
            if (passed >= rank) {
                return Math.min(highest(bucket), max(nanoTime));
            }
        }
        return rank == 0 ? 0 : max(nanoTime);
    }

    private Window[] windows(long nanoTime) {
        Window now = current;
        Window before = previous;
        if (now == null || !now.isWithin(nanoTime, 2 * WINDOW_NS)) {
            return new Window[0];
        }
        return before == null || !before.isWithin(nanoTime, 2 * WINDOW_NS)
                ? new Window[] {now}
                : new Window[] {before, now};
    }

    private static int bucket(long value) {
        if (value < LINEAR) {
            return (int) value;
        }
        int doublings = Long.SIZE - 1 - Long.numberOfLeadingZeros(value); // at least 4
        int step = (int) (value >> doublings - 3) & STEPS - 1;
        return LINEAR + (doublings - 4) * STEPS + step;
    }

    /** The highest value in the bucket. */
    private static long highest(int bucket) {
        if (bucket < LINEAR) {
            return bucket;
        }
        int doublings = (bucket - LINEAR) / STEPS + 4;
        long step = (bucket - LINEAR) % STEPS;
        return (1L << doublings) + (step + 1 << doublings - 3) - 1;
    }
}
