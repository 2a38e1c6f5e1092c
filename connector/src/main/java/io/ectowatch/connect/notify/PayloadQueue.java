package io.ectowatch.connect.notify;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where notifications wait for {@code poll()}, within a bound of memory. When there is no room, what comes is dropped,
 * and a gap stands in the queue where it would have stood. Dropping then goes on until half the room is free again, so
 * that one shortage is one gap.
 */
final class PayloadQueue {

    /** What a payload takes in memory beside its characters: the String, its array's header, the queue's slot. */
    private static final int OVERHEAD_BYTES = 64;

    /** What waits: a payload, or a gap that concerns every table. */
    sealed interface Entry permits Payload, Gap {}

    /** {@code text} as it came with the notification. */
    record Payload(String text) implements Entry {}

    /** {@code reason} is for the log. */
    record Gap(String reason) implements Entry {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final long capacityBytes;
    private long bytes;
    private boolean dropping;

    /** {@code capacityBytes} bounds the memory that waiting payloads take. */
    PayloadQueue(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    /** Adds a payload, or drops it; returns false when it was dropped. */
    boolean offer(String payload) {
        lock.lock();
        try {
            if (dropping && bytes > capacityBytes / 2) {
                return false;
            }
            dropping = false;
            if (bytes + size(payload) > capacityBytes) {
                dropping = true;
                entries.addLast(new Gap("the queue of notifications is full"));
                notEmpty.signal();
                return false;
            }
            bytes += size(payload);
            entries.addLast(new Payload(payload));
            notEmpty.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a gap; one that would directly follow another is the same one. */
    void offerGap(String reason) {
        lock.lock();
        try {
            if (!(entries.peekLast() instanceof Gap)) {
                entries.addLast(new Gap(reason));
                notEmpty.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next entry, waiting for it at most {@code milliseconds}; null when none came. */
    Entry poll(long milliseconds) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(milliseconds);
            while (entries.isEmpty()) {
                if (left <= 0) {
                    return null;
                }
                left = notEmpty.awaitNanos(left);
            }
            Entry entry = entries.removeFirst();
            if (entry instanceof Payload payload) {
                bytes -= size(payload.text());
            }
            return entry;
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** PGJDBC's payload strings hold one byte a character for Latin-1 texts, two for others. */
    private static long size(String payload) {
        return OVERHEAD_BYTES + 2L * payload.length();
    }
}
