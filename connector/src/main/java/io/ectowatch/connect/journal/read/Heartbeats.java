package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.record.Heartbeat.Resolved;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a heartbeat is published, and up to where all changes have been read then. Belongs to one session, and to its thread.
 *
 * <p>Each read of the journal gives a mark: the server's time and the end of the WAL, and after these the number of the next
 * transaction. A transaction with that number or a higher one writes its journal rows later than the mark: they have a later
 * time, and a higher LSN. So the mark is resolved as soon as all transactions with lower numbers have ended and their rows were
 * read, which needs no privilege and is true of prepared transactions, too. The WAL must be flushed as far as the mark: after
 * a crash, the server would write other changes to the same LSNs.
 */
public final class Heartbeats {

    /** So many marks in each interval, while transactions are open. */
    private static final int MARKS = 16;

    private static final long LEAST_SPACE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Then every second one is dropped: one transaction has been open for long. */
    private static final int MOST_MARKS = 1_024;

    private record Mark(long clock, long lsn, long next) {

        boolean isResolved(XidSnapshot cut, ReadState state) {
            return next <= cut.xmin() && lsn <= state.flushed();
        }
    }

    private final long intervalNs;
    private Deque<Mark> marks = new ArrayDeque<>();
    private long nextMark;
    private long due;
    /** Whether changes may not be captured now, or a loss is not announced yet. */
    private boolean held = true;

    private @Nullable Resolved resolved;

    /** @param intervalMs in milliseconds; 0 for no heartbeats */
    public Heartbeats(long intervalMs) {
        intervalNs = TimeUnit.MILLISECONDS.toNanos(intervalMs);
        due = System.nanoTime();
        nextMark = due;
    }

    /** The time between two heartbeats in nanoseconds, or the given one if that is shorter or heartbeats are off. */
    public long orEarlier(long nanoseconds) {
        return intervalNs == 0 ? nanoseconds : Math.min(intervalNs, nanoseconds);
    }

    /** Records whether there may be changes that are not captured. What is resolved stays as it is meanwhile. */
    public void hold(boolean mayMissChanges) {
        held = mayMissChanges;
    }

    /** Whether the next read of the journal is to be followed by a heartbeat. */
    boolean isDue() {
        return intervalNs > 0 && System.nanoTime() - due >= 0;
    }

    /**
     * Takes over what a read has found.
     *
     * @param cut the last cut that was read completely, or null
     * @param losing whether changes were lost, or may have been lost, without an announcement
     * @return a heartbeat, if it is time for one
     */
    @Nullable
    JournalPage after(@Nullable XidSnapshot cut, ReadState state, boolean losing, JournalPosition position) {
        if (intervalNs == 0) {
            return null;
        }
        Mark now = new Mark(state.clock(), state.visibleAt(), state.nextTransaction());
        boolean isDue = isDue();
        if (isDue || System.nanoTime() - nextMark >= 0) {
            add(now);
        }
        if (!isDue) {
            return null;
        }
        due = System.nanoTime() + intervalNs;
        if (cut != null && !held && !losing) {
            while (!marks.isEmpty() && marks.getFirst().isResolved(cut, state)) {
                Mark mark = marks.removeFirst();
                resolved = new Resolved(mark.clock(), mark.lsn());
            }
        }
        return new JournalPage.Beat(position, state.clock(), resolved);
    }

    private void add(Mark mark) {
        nextMark = System.nanoTime() + Math.max(intervalNs / MARKS, LEAST_SPACE_NS);
        marks.addLast(mark);
        if (marks.size() > MOST_MARKS) {
            Deque<Mark> fewer = new ArrayDeque<>();
            boolean keep = true;
            for (Mark each : marks) {
                if (keep) {
                    fewer.addLast(each);
                }
                keep = !keep;
            }
            marks = fewer;
        }
    }
}
