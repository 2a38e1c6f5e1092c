package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.backfill.ResyncRequest;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The backfills that follow resyncs which are not in the journal: the task's thread publishes such a resync in the place of
 * a change, and the reader's thread starts the backfill. What the reader has read before does not have it. So the task adds
 * the request to the offsets until then: a task that is killed meanwhile loses none. Thread-safe.
 */
public final class ResyncRequests {

    private final boolean wanted;
    /** Those that may be missing in a page that the task has yet to process. */
    private final List<ResyncRequest> open = new ArrayList<>();

    private long last;

    /** @param automatic when backfills are started without a call */
    public ResyncRequests(Set<Cause> automatic) {
        wanted = automatic.contains(Cause.RESYNC);
    }

    /** Requests a backfill of a table of which a resync is published that is not in the journal. */
    public synchronized void add(WatchedTable table) {
        if (wanted) {
            open.add(new ResyncRequest(++last, Backfills.automatic(table, Cause.RESYNC)));
        }
    }

    /** Whether there are more of them than those backfills have taken. */
    synchronized boolean exceed(Backfills backfills) {
        return last > backfills.taken();
    }

    /** Those that pages may lack which the task has yet to process. */
    synchronized List<ResyncRequest> open() {
        return List.copyOf(open);
    }

    /** Those that pages may lack which the task has processed since the last call, up to one with those backfills. */
    public synchronized List<ResyncRequest> openBefore(Backfills end) {
        List<ResyncRequest> before = List.copyOf(open);
        open.removeIf(request -> request.number() <= end.taken());
        return before;
    }
}
