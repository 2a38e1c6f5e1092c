package io.ectowatch.connect.journal;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whether somebody commits with {@code synchronous_commit = off}. All others are seen only after the log has been flushed
 * as far as their commit, and so beyond where it was when they wrote to the journal: a row that is seen before that shows
 * that there is one. There is none to be expected when none has shown for long.
 */
final class AsynchronousCommits {

    /** From a session's beginning, so many rows have to be found of which none shows one. */
    static final int ROWS = 1_000;

    /** And once one has shown, there may be another for so long. */
    static final long MEMORY_NS = TimeUnit.HOURS.toNanos(1);

    private long rowsFound;
    private boolean shown;
    private long shownAt;

    /**
     * Whether there may be one among those whose rows a look has found.
     *
     * @param flushed how far the log was flushed after the look's snapshot was taken
     * @param time in nanoseconds, as of {@link System#nanoTime}
     */
    boolean mayBeAmong(List<JournalRow> rows, long flushed, long time) {
        boolean untried = rowsFound < ROWS;
        for (JournalRow row : rows) {
            rowsFound++;
            if (row.seq() >= flushed) {
                shown = true;
                shownAt = time;
            }
        }
        return untried || shown && time - shownAt < MEMORY_NS;
    }
}
