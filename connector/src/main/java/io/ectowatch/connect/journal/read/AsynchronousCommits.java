package io.ectowatch.connect.journal.read;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whether sessions commit with {@code synchronous_commit = off}. A synchronous commit becomes visible only after the
 * WAL has been flushed up to it, and so beyond where it was when the transaction wrote to the journal. A row that is
 * visible before that belongs to an asynchronous commit. If there has been no such row for long, none is expected.
 */
public final class AsynchronousCommits {

    /** At the start of a session, so many rows must be read without such a row before none is expected. */
    public static final int ROWS = 1_000;

    /** After such a row, more are expected for this long. */
    static final long MEMORY_NS = TimeUnit.HOURS.toNanos(1);

    private long rowsFound;
    private boolean shown;
    private long shownAt;

    /**
     * Whether one of the rows of a read may belong to an asynchronous commit.
     *
     * @param flushed how far the WAL was flushed after the snapshot of the read was taken
     * @param time in nanoseconds, as of {@link System#nanoTime}
     */
    boolean mayBeAmong(List<JournalRow> rows, long flushed, long time) {
        boolean untried = rowsFound < ROWS;
        for (JournalRow row : rows) {
            rowsFound++;
            if (row.lsn() >= flushed) {
                shown = true;
                shownAt = time;
            }
        }
        return untried || shown && time - shownAt < MEMORY_NS;
    }
}
