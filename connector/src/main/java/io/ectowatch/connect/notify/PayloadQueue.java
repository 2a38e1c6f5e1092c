package io.ectowatch.connect.notify;

import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Notifications that wait for {@code poll()}, in a limited amount of memory. When it is full, further notifications
 * are dropped, and the queue gets a gap in their place. They are dropped until half the memory is free again, so that
 * one overflow is one gap.
 */
final class PayloadQueue {

    /** The memory of a payload besides its characters: the String, its array's header, the queue's slot. */
    private static final int OVERHEAD_BYTES = 64;

    /** An entry: a payload, or a gap of one table or of every table. */
    sealed interface Entry permits Payload, TableGap, Gap {}

    /** @param text the payload as received */
    record Payload(String text) implements Entry {}

    /** @param table the table of which changes may have been missed */
    record TableGap(WatchedTable table) implements Entry {}

    /** @param reason for the log */
    record Gap(String reason) implements Entry {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final long capacityBytes;
    private long bytes;
    private boolean dropping;

    /** @param capacityBytes the memory limit for waiting payloads */
    PayloadQueue(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    /** Adds a payload; returns false if it was dropped. */
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

    /** Adds a gap of one table. */
    void offerGap(WatchedTable table) {
        lock.lock();
        try {
            entries.addLast(new TableGap(table));
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a gap of every table, unless the last entry is one. */
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

    /** The next entry, waiting at most {@code milliseconds}, or null. */
    @Nullable
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

    /** PGJDBC's payload strings use one byte per character for Latin-1 texts, two for others. */
    private static long size(String payload) {
        return OVERHEAD_BYTES + 2L * payload.length();
    }
}
