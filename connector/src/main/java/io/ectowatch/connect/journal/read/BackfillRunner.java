package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.backfill.Chunk;
import io.ectowatch.connect.backfill.ChunkLimits;
import io.ectowatch.connect.backfill.ChunkSession;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.BackfillRow;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off the backfills between the cuts of the journal. A chunk of rows is read in the snapshot at which the next cut
 * then ends, and is published after that cut. So what was published agrees with that snapshot: no row that is read follows
 * its own deletion. {@code src/model} has this as a checked model.
 *
 * <p>It lasts as long as the task. One thread uses it, except for {@link #resyncs}.
 */
public final class BackfillRunner {

    private static final Logger log = LoggerFactory.getLogger(BackfillRunner.class);

    /** After a read with more rows than this, the journal goes first, ... */
    static final int FEW_ROWS = 500;

    /** ... but not more often than this. */
    private static final int MOST_CUTS_WITHOUT = 4;

    private final ChunkSession session;
    private final KnownLayouts layouts;
    private final Predicate<WatchedTable> captured;
    private final Set<Cause> automatic;
    private final boolean newConnector;
    private final ResyncRequests requests;
    private final ChunkPages chunks = new ChunkPages();
    private Backfills state;
    /** Whether a loss was announced and will be announced once more. */
    private boolean lossPending;

    private int cutsWithout;

    /** What was read and waits for the end of its cut; null for nothing. */
    private @Nullable Pending pending;

    private record Pending(Chunk chunk, Backfill backfill, WatchedTable table) {}

    /**
     * @param captured whether a table's triggers exist: before that its rows are not read
     */
    public BackfillRunner(
            ChunkSession session, KnownLayouts layouts, Predicate<WatchedTable> captured, BackfillStart start) {
        this.session = session;
        this.layouts = layouts;
        this.captured = captured;
        automatic = start.automatic();
        requests = new ResyncRequests(automatic);
        newConnector = start.first();
        state = start.unfinished();
    }

    /** The requests of the task's thread. */
    public ResyncRequests resyncs() {
        return requests;
    }

    /** The backfills that have not ended after what was read so far. */
    public Backfills state() {
        return state;
    }

    /**
     * Begins a session.
     *
     * @param first whether nothing was read before: all tables are watched for the first time
     * @param elsewhere whether the database is a different one, or an earlier state of it; a resync of all tables follows
     */
    public void begin(boolean first, boolean elsewhere) {
        if (elsewhere) {
            state = state.endedBy("the database differs from the one that was read, or is an older state of it");
            lost();
        } else if (first && newConnector && automatic.contains(Cause.NEW)) {
            state = state.plusAll(layouts.tables(), Cause.NEW);
        }
    }

    /** Starts backfills of all tables, after a resync of all. */
    void lost() {
        lost(layouts.tables());
    }

    private void lost(List<WatchedTable> tables) {
        if (automatic.contains(Cause.RESYNC)) {
            state = state.plusAll(tables, Cause.RESYNC);
        }
    }

    /** Takes the requests among rows of the journal. */
    void take(List<JournalRow> rows) {
        for (JournalRow row : rows) {
            WatchedTable table = layouts.byNumber().get(row.layout());
            if (BackfillRow.LETTER.equals(row.event())) {
                takeRequest(row, table);
            } else if (table != null && isWatched(table) && EventCode.RESYNC.is(row.event())) {
                lost(List.of(table));
            }
        }
    }

    /** A table that has left is read when it is watched again, after the resync that follows then. */
    private boolean isWatched(WatchedTable table) {
        return layouts.tables().stream()
                .anyMatch(watched -> watched.shape().name().equals(table.shape().name()));
    }

    private void takeRequest(JournalRow row, @Nullable WatchedTable table) {
        try {
            String body = row.body();
            if (body == null) {
                throw new IOException(String.valueOf(row.problem()));
            }
            Backfills before = state;
            state = state.plusRow(body, table == null ? null : table.shape().name(), automatic.contains(Cause.NEW));
            if (state != before) {
                log.info("Backfills that have not ended: {}.", ids());
            }
        } catch (IOException e) {
            log.error(
                    "A request for a backfill in the journal cannot be read: {} Call the function backfill again.",
                    e.getMessage());
        }
    }

    private List<String> ids() {
        return state.all().stream()
                .map(backfill -> backfill.id() + " of " + backfill.table())
                .toList();
    }

    void lossPending(boolean more) {
        lossPending = more;
    }

    /** Whether there is something to read or to end. */
    boolean busy() {
        return pending != null || requests.exceed(state) || next().isPresent() || ending().isPresent();
    }

    private Optional<Backfill> next() {
        return state.first(backfill -> isNext(backfill) && !session.waits(backfill))
                .or(() -> state.first(this::isNext));
    }

    private boolean isNext(Backfill backfill) {
        return backfill.ending() == null
                && !(lossPending && backfill.cause() == Cause.RESYNC)
                && isReadyOrGone(backfill);
    }

    private boolean isReadyOrGone(Backfill backfill) {
        WatchedTable table = table(backfill);
        return table == null || captured.test(table);
    }

    private Optional<Backfill> ending() {
        return state.first(backfill -> backfill.ending() != null);
    }

    /** Whether what was read waits for the end of its cut. */
    boolean isPending() {
        return pending != null;
    }

    /**
     * Reads some rows, if it is time.
     *
     * @param rowsBefore how many rows of the journal the last read has found
     * @param limits how many at most
     * @return the snapshot at which the next cut has to end, or null if nothing was read
     */
    @Nullable
    XidSnapshot read(int rowsBefore, ChunkLimits limits) {
        state = state.plus(requests.open());
        if (pending != null || rowsBefore > FEW_ROWS && ++cutsWithout < MOST_CUTS_WITHOUT) {
            return null;
        }
        Optional<Backfill> next = next();
        if (next.isEmpty()) {
            session.close();
            return null;
        }
        Backfill backfill = next.get();
        WatchedTable table = table(backfill);
        if (table == null) {
            state = state.with(backfill.endedBy("the table is not watched any more"));
            return null;
        }
        ChunkSession.Result result = session.next(backfill, table, limits);
        if (result.problem() != null) {
            state = state.with(backfill.endedBy(result.problem()));
            return null;
        }
        Chunk chunk = result.chunk();
        if (chunk == null) {
            return null;
        }
        cutsWithout = 0;
        pending = new Pending(chunk, backfill, table);
        return XidSnapshot.parse(chunk.snapshot());
    }

    private @Nullable WatchedTable table(Backfill backfill) {
        return layouts.tables().stream().filter(backfill::isOf).findFirst().orElse(null);
    }

    /** The table, or what is known of it if it is not watched any more. */
    private @Nullable WatchedTable knownTable(Backfill backfill) {
        WatchedTable watched = table(backfill);
        return watched != null
                ? watched
                : layouts.inUse().stream().filter(backfill::isOf).findFirst().orElse(null);
    }

    /**
     * What was read, as the pages that follow its cut, and the ends of backfills that do not continue.
     *
     * @param position after the cut
     */
    List<JournalPage> pages(JournalPosition position, long visibleAt) {
        List<JournalPage> pages = new ArrayList<>();
        JournalPosition reached = position;
        Pending read = pending;
        if (read != null) {
            String id = read.backfill().id();
            Optional<Backfill> current = state.first(backfill -> backfill.id().equals(id));
            if (current.equals(Optional.of(read.backfill()))) {
                JournalPage.Read page =
                        chunks.of(reached, read.chunk(), read.backfill(), read.table(), state, visibleAt);
                pages.add(page);
                reached = page.end();
                state = reached.backfills();
                if (read.chunk().last()) {
                    log.info(
                            "Backfill {} of {} has read all rows: {}.",
                            id,
                            read.backfill().table(),
                            read.backfill().after(read.chunk()).count());
                }
            }
            pending = null;
        }
        for (Optional<Backfill> ending = ending(); ending.isPresent(); ending = ending()) {
            Backfill backfill = ending.get();
            JournalPosition before = reached.with(state);
            state = state.without(backfill);
            WatchedTable table = knownTable(backfill);
            log.warn(
                    "Backfill {} of {} has ended early. Reason: {}",
                    backfill.id(),
                    backfill.table(),
                    backfill.ending());
            if (table != null) {
                BackfillPart part =
                        new BackfillPart(backfill, table, List.of(), null, System.currentTimeMillis(), true);
                pages.add(new JournalPage.Read(before, reached.with(state), part, visibleAt));
            }
        }
        return pages;
    }

    /** The reading session has ended: what has not been handed over will be read again. */
    public void sessionEnded() {
        pending = null;
        session.close();
    }
}
