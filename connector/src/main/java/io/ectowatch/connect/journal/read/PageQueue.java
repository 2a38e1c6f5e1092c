package io.ectowatch.connect.journal.read;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Pages between the reader's thread and the task's, limited in bytes; also records whether the task polls. */
public final class PageQueue {

    /**
     * Together with the page that is being read and the one that is being processed, this limits the memory for a
     * backlog.
     */
    private static final long CAPACITY_BYTES = 8L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<JournalPage> pages = new ArrayDeque<>();
    private long bytes;
    private long lastAsked = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

    public void put(JournalPage page) {
        lock.lock();
        try {
            bytes += page.bytes();
            if (page instanceof JournalPage.Beat && pages.peekLast() instanceof JournalPage.Beat) {
                pages.removeLast(); // the task does not poll
            }
            pages.addLast(page);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for room; returns whether there is any. */
    public boolean awaitRoom(long milliseconds) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(milliseconds);
            while (bytes >= CAPACITY_BYTES && left > 0) {
                left = changed.awaitNanos(left);
            }
            return bytes < CAPACITY_BYTES;
        } finally {
            lock.unlock();
        }
    }

    /** The next page, waiting at most the given time, or null. */
    public @Nullable JournalPage take(long milliseconds) throws InterruptedException {
        lock.lock();
        try {
            lastAsked = System.nanoTime();
            long left = TimeUnit.MILLISECONDS.toNanos(milliseconds);
            while (pages.isEmpty()) {
                if (left <= 0) {
                    return null;
                }
                left = changed.awaitNanos(left);
            }
            JournalPage page = pages.removeFirst();
            bytes -= page.bytes();
            changed.signalAll();
            return page;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the task has asked for a page within that time: a paused task does not. */
    public boolean askedWithin(long milliseconds) {
        lock.lock();
        try {
            return System.nanoTime() - lastAsked <= TimeUnit.MILLISECONDS.toNanos(milliseconds);
        } finally {
            lock.unlock();
        }
    }

    /** Drops all pages: they will be read again. */
    public void clear() {
        lock.lock();
        try {
            pages.clear();
            bytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
