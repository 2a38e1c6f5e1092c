package io.ectowatch.connect.journal;

import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.JournalRow;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Delivery;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes pages from the queue and makes changes of them, a row at a time. Not thread-safe. */
final class PageChanges {

    /**
     * One poll returns journal rows up to this size, and at least one: this limits how many large changes are handed
     * over at once.
     */
    private static final long POLL_BYTES = 4L << 20;

    private final PageQueue queue;
    private final RowChanges changes;
    private final TaskMetrics metrics;
    private final PolledPages pages = new PolledPages();
    private final CutEnds ends = new CutEnds();
    /** The beginning of the page that is being processed. */
    private @Nullable JournalPosition page;

    private Iterator<JournalRow> rows = Collections.emptyIterator();
    /** What a backfill has read, as far as it was not processed yet; or null. */
    private @Nullable ReadRows read;

    /** Whether a poll stops before a cut that has more than one page. */
    private boolean wholeCuts;

    /**
     * Whether the current poll stops here. It stops at the end of a chunk: Connect polls again when it has sent all records of
     * a poll, and a change that follows the chunk must not wait for another one.
     */
    private boolean stops;

    /** The size of the rows of the current poll. */
    private long takenBytes;
    /** The position after the last row or announcement that was processed; null before the first. */
    private @Nullable JournalPosition passed;

    private JournalPage.@Nullable Beat following;

    PageChanges(PageQueue queue, RowChanges changes, TaskMetrics metrics) {
        this.queue = queue;
        this.changes = changes;
        this.metrics = metrics;
    }

    /** From now on a poll stops before a cut that has more than one page. */
    void keepCutsWhole() {
        wholeCuts = true;
    }

    /**
     * Appends the changes of one poll.
     *
     * @param deliveries begins with what the poll before did not return
     * @param atMost no further row is processed when there are so many changes
     */
    void take(List<Delivery> deliveries, int atMost, long waitMs) throws InterruptedException {
        takenBytes = 0;
        stops = false;
        pages.begin(rows.hasNext() || !deliveries.isEmpty());
        ends.begin(atMost);
        long wait = waitMs;
        while (deliveries.size() < atMost && takenBytes < POLL_BYTES && !stops && takeMore(wait, deliveries, atMost)) {
            wait = 0;
        }
        ends.returned(Math.min(atMost, deliveries.size()));
    }

    /**
     * Processes the next row of the page, or takes the next page. Not more at once, since the changes of a page need
     * many times its memory.
     *
     * @return false if there was nothing
     */
    private boolean takeMore(long waitMs, List<Delivery> deliveries, int atMost) throws InterruptedException {
        JournalPosition current = page;
        if (current != null && rows.hasNext()) {
            takeRow(current, deliveries);
            endCut(deliveries.size(), atMost);
            return true;
        }
        ReadRows reading = read;
        if (reading != null) {
            takenBytes += reading.take(deliveries, atMost, POLL_BYTES - takenBytes);
            passed = reading.position();
            read = reading.hasNext() ? reading : null;
            stops = read == null && !deliveries.isEmpty();
            endCut(deliveries.size(), atMost);
            return true;
        }
        JournalPage next = queue.take(waitMs);
        if (next == null) {
            return false;
        }
        // Offsets live until Kafka has acknowledged their records, and do not need the rows.
        page = next.after();
        changes.begin(next);
        ends.page(next);
        if (next instanceof JournalPage.Rows some) {
            rows = some.rows().iterator();
            pages.add(some);
            stops = wholeCuts && some.begins() && !some.ends() && !deliveries.isEmpty();
        } else if (next instanceof JournalPage.Read some) {
            read = changes.of(some);
        } else if (next instanceof JournalPage.Beat beat) {
            following = beat;
            passed = beat.end();
        } else if (next instanceof JournalPage.Gap gap) {
            changes.announce(gap, deliveries);
            passed = gap.end();
        }
        if (!stops) {
            endCut(deliveries.size(), atMost);
        }
        return true;
    }

    private void takeRow(JournalPosition current, List<Delivery> deliveries) {
        int before = deliveries.size();
        JournalRow row = rows.next();
        takenBytes += row.length();
        changes.add(row, current, deliveries);
        if (deliveries.size() > before) {
            JournalOffset.of(deliveries.get(deliveries.size() - 1)).endsRow();
        }
        metrics.changes(deliveries.size() - before);
        passed = current.afterRow(row.lsn(), row.transactionId());
    }

    /** What follows the rows of a cut is in no transaction of the database: chunks of backfills, and announcements. */
    private void endCut(int count, int atMost) {
        if (!rows.hasNext()) {
            ends.processed(count, atMost);
        }
    }

    /** See {@link io.ectowatch.connect.record.ChangeSource#transactionsEnd}. */
    int transactionsEnd() {
        return ends.last();
    }

    /** The size of the rows of the last poll. */
    long takenBytes() {
        return takenBytes;
    }

    /** Whether there were more changes than one read returns, or more than the last poll took. */
    boolean behind() {
        return pages.several() || rows.hasNext();
    }

    /** The position after what was processed since this was last called; null if nothing was. */
    @Nullable
    JournalPosition takePassed() {
        JournalPosition last = passed;
        passed = null;
        return last;
    }

    /** The heartbeat after the pages that were processed since the last call, or null. */
    JournalPage.@Nullable Beat takeFollowing() {
        JournalPage.Beat last = following;
        following = null;
        return last;
    }
}
