package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.ChunkLimits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Pages between the reader's thread and the task's, limited in bytes; also records whether the task polls. */
public final class PageQueue {

    /**
     * Together with the page that is being read and the one that is being processed, this limits the memory for a
     * backlog.
     */
    private static final long CAPACITY_BYTES = 8L << 20;

    /** The time for fewer rows says little. */
    private static final int MEASURED_ROWS = 20;

    /** How often to see whether Kafka has acknowledged records. */
    private static final long ACK_STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<JournalPage> pages = new ArrayDeque<>();
    private long bytes;
    /** How many of the pages are chunks of backfills. */
    private int chunks;
    /** The rows of the chunk that the task has taken last, until it asks for the next page. */
    private int rowsTaken;

    private long takenAt;
    /** How long the task has lately taken for a row of a chunk; 0 if that is not known. */
    private long nanosPerRow;

    /** Whether too many records wait for Kafka. */
    private BooleanSupplier full = () -> false;

    private boolean transactional;
    private long lastAsked = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

    public void put(JournalPage page) {
        lock.lock();
        try {
            bytes += page.bytes();
            if (page instanceof JournalPage.Beat && pages.peekLast() instanceof JournalPage.Beat) {
                pages.removeLast(); // the task does not poll
            }
            pages.addLast(page);
            chunks += page instanceof JournalPage.Read ? 1 : 0;
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
            measure(lastAsked);
            long left = TimeUnit.MILLISECONDS.toNanos(milliseconds);
            while (pages.isEmpty()) {
                if (left <= 0) {
                    return null;
                }
                left = changed.awaitNanos(left);
            }
            JournalPage page = pages.removeFirst();
            bytes -= page.bytes();
            if (page instanceof JournalPage.Read read) {
                chunks--;
                rowsTaken = read.part().rows().size();
                takenAt = System.nanoTime();
            }
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

    /** Between taking a chunk and asking for the next page, the task has published the chunk's rows. */
    private void measure(long now) {
        if (rowsTaken >= MEASURED_ROWS) {
            long measured = Math.max(1, (now - takenAt) / rowsTaken);
            nanosPerRow = nanosPerRow == 0 ? measured : (3 * nanosPerRow + measured) / 4;
        }
        rowsTaken = 0;
    }

    /** No further chunk is read while {@code tooMany}: while too many records wait for Kafka. */
    public void holdChunksWhile(BooleanSupplier tooMany) {
        lock.lock();
        try {
            full = tooMany;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the task has not taken the last chunk of a backfill yet, or Kafka what it has sent: the next chunk would only
     * wait behind it.
     */
    public boolean holdsChunk() {
        lock.lock();
        try {
            return chunks > 0 || full.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the task has not taken the last chunk of a backfill yet. */
    public boolean chunkWaits() {
        lock.lock();
        try {
            return chunks > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@link #holdsChunk} is false, or for that time. */
    public void awaitChunkTaken(long milliseconds) throws InterruptedException {
        lock.lock();
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                if (chunks > 0) {
                    changed.awaitNanos(left);
                } else if (full.getAsBoolean()) {
                    changed.awaitNanos(Math.min(left, ACK_STEP_NS)); // acknowledgements do not signal
                } else {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** How large the next chunk may be, by how long the task has taken for the last ones. */
    ChunkLimits limits(ChunkPace pace) {
        lock.lock();
        try {
            return pace.limits(System.nanoTime(), nanosPerRow, transactional);
        } finally {
            lock.unlock();
        }
    }

    /** Records whether each poll is a transaction of Kafka. */
    public void transactional(boolean eachPoll) {
        lock.lock();
        try {
            transactional = eachPoll;
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
            chunks = 0;
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
