package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal into the queue, page by page, during one session. Everything in the queue would survive a crash.
 */
public final class JournalFetcher {

    /** How long to wait for another session's flush before requesting one. */
    private static final long FLUSH_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final int FLUSH_STEP_MICROS = 200;

    private final SessionLoop loop;
    private final PageQueue queue;
    private final Connection connection;
    private final OwnerFence fence;
    private final JournalMaintenance maintenance;
    private final CutReader reader;
    private final LossDetector gaps;
    private final Runnable onGap;
    private final LayoutCheck layouts;
    private final BackfillRunner backfills;
    private final Heartbeats heartbeats;
    /** The last cut that was read completely; null before the first. */
    private @Nullable XidSnapshot completed;

    private int rowsBefore;
    private JournalPosition position;
    private long writtenBefore;
    private int restMicros;
    private long unreadAt;
    private int flushWaits;
    private boolean calm;
    private final ChunkPace chunks = new ChunkPace();
    private final CommitRateEstimator pace = new CommitRateEstimator();
    private final AsynchronousCommits asynchronous = new AsynchronousCommits();

    /** Learns the contents of layouts that are not known yet. */
    public interface LayoutCheck {
        void learn(List<JournalRow> rows) throws SQLException;
    }

    /**
     * Continues after {@code position}.
     *
     * @param onGap called when changes were lost, for example because a trigger does not match its table any more
     */
    public JournalFetcher(
            SessionLoop loop,
            PageQueue queue,
            Connection connection,
            ObjectNames names,
            OwnerFence fence,
            JournalTables tables,
            JournalMaintenance maintenance,
            JournalPosition position,
            Runnable onGap,
            LayoutCheck layouts,
            BackfillRunner backfills,
            Heartbeats heartbeats) {
        this.loop = loop;
        this.queue = queue;
        this.maintenance = maintenance;
        this.position = position;
        this.onGap = onGap;
        this.layouts = layouts;
        this.backfills = backfills;
        this.heartbeats = heartbeats;
        this.connection = connection;
        this.fence = fence;
        reader = new CutReader(connection, names, fence, tables, position);
        gaps = new LossDetector(maintenance, position.losses());
    }

    /** How far it has read. */
    public JournalPosition position() {
        return position;
    }

    /** The last cut that was read completely; null before the first. */
    public @Nullable XidSnapshot completed() {
        return completed;
    }

    /** The state of the database at the last read; null before the first. */
    public @Nullable ReadState state() {
        return reader.state();
    }

    /** How far the WAL had been written before the last read, at least. */
    public long writtenBefore() {
        return writtenBefore;
    }

    /** The pause before the next read, in microseconds, which leaves the processor to others. */
    public int restMicros() {
        return restMicros;
    }

    /** When the last change that was read was made, in milliseconds since 1970; 0 if the journal has no further row. */
    public long unreadAt() {
        return unreadAt;
    }

    /** How often it has waited for a flush of the WAL since the last call. */
    public int takeFlushWaits() {
        int waits = flushWaits;
        flushWaits = 0;
        return waits;
    }

    /** Whether the last read reached the end of the journal and found no gap: otherwise another read has to follow. */
    public boolean calm() {
        return calm;
    }

    /**
     * Reads a page; returns whether there was anything.
     *
     * @throws ConnectException when a later task has taken over
     */
    public boolean look() throws SQLException, InterruptedException {
        writtenBefore = reader.state() == null ? 0 : reader.state().written();
        readChunk();
        long begun = System.nanoTime();
        JournalPage.Rows page = reader.next();
        long readNanos = System.nanoTime() - begun;
        XidSnapshot cut = page.after().to();
        ReadState state = Objects.requireNonNull(reader.state(), "state");
        if (!state.owned()) {
            // A later task may write rows of layouts that this one does not know, and must not skip.
            fence.claim(connection);
        }
        rowsBefore = page.rows().size();
        if (page.begins() && backfills.isPending()) {
            awaitFlush(state);
        }
        if (!page.rows().isEmpty()) {
            page = durable(page, state);
            layouts.learn(page.rows());
            backfills.take(page.rows());
            put(page.with(backfills.state()));
            chunks.changed(System.nanoTime());
            pace.found(CommitRateEstimator.transactions(page.rows()), state.nothingInProgress(), System.nanoTime());
        } else if (!page.begins()) {
            put(new JournalPage.Rows(
                    position, List.of(), false, true, page.visibleAt())); // the task learns that the cut ends
        }
        unreadAt = page.ends() || page.rows().isEmpty()
                ? 0
                : page.rows().get(page.rows().size() - 1).at();
        String gap = page.ends() ? gaps.check(state) : null;
        if (gap != null) {
            backfills.lost();
            put(new JournalPage.Gap(position.with(backfills.state()), gap, gaps.settled(), state.visibleAt()));
            onGap.run();
        }
        backfills.lossPending(gaps.isPending());
        List<JournalPage> read = page.ends() ? backfills.pages(position, state.visibleAt()) : List.of();
        read.forEach(this::put);
        boolean rests = page.ends() && (read.isEmpty() || !page.rows().isEmpty());
        restMicros = rests ? ReadRest.microsAfter(page.rows().size(), readNanos) : 0;
        completed = page.ends() ? cut : completed;
        beat(state);
        calm = page.ends() && gap == null && !backfills.busy();
        return !page.rows().isEmpty() || gap != null || !page.ends() || !read.isEmpty();
    }

    private void readChunk() {
        boolean alone = chunks.journalFirst(System.nanoTime(), rowsBefore);
        if (alone || !reader.isBetweenCuts() || !backfills.busy() || queue.holdsChunk()) {
            return;
        }
        long begun = System.nanoTime();
        XidSnapshot snapshot = backfills.read(rowsBefore, queue.limits(chunks));
        if (snapshot != null) {
            reader.endNextCutAt(snapshot);
            chunks.chunkRead(begun, System.nanoTime());
        }
    }

    /** Puts a heartbeat after what was read, if it is time. */
    private void beat(ReadState state) {
        if (heartbeats.isDue() && completed != null && reader.isBetweenCuts() && state.flushed() >= state.visibleAt()) {
            moveTo(completed);
        }
        JournalPage beat = heartbeats.after(completed, state, gaps.isBehind(state), position);
        if (beat != null) {
            put(beat);
        }
    }

    /** Whatever was there to read up to that cut has been read, and all transactions that it sees would survive a crash. */
    private void moveTo(XidSnapshot cut) {
        if (!position.from().equals(cut) || !position.to().equals(cut)) {
            position = new JournalPosition(position.history(), cut, cut, 0, 0, 0, position.losses(), backfills.state());
        }
    }

    /** Whether a heartbeat has to be published with the next read. */
    public boolean beatIsDue() {
        return heartbeats.isDue();
    }

    private void put(JournalPage page) {
        queue.put(page);
        position = page.end();
    }

    /** The backfills that have not ended. */
    public Backfills backfills() {
        return backfills.state();
    }

    /** Whether a backfill has something to do, so that the task must not sleep. */
    public boolean backfilling() {
        return backfills.busy();
    }

    /** For how long a backfill rests, because there are changes, in microseconds. */
    public int chunkRestMicros() {
        return backfills.busy() ? (int) (chunks.rest(System.nanoTime()) / 1_000) : 0;
    }

    /** Whether changes have come lately. */
    public boolean changesCome() {
        return chunks.isLive(System.nanoTime());
    }

    /** Whether there are so few changes that it is better to wait than to go on reading. */
    public boolean fewCome() {
        return pace.isSlow(System.nanoTime());
    }

    /**
     * Waits until everything in the page would survive a crash of the server, and describes the cut accordingly. With
     * {@code synchronous_commit = off} a change can be visible before it is on disk. A transaction number that left
     * no trace on disk is given out again, to a transaction whose changes must not count as read.
     *
     * <p>If there are no such commits, there is nothing to wait for. Otherwise the task would wait for what others
     * are writing at that moment, until one of them commits. At a thousand transactions a second that determined the
     * latency of the slowest one percent.
     */
    private JournalPage.Rows durable(JournalPage.Rows page, ReadState state) throws SQLException, InterruptedException {
        if (page.begins() && page.ends() && !backfills.isPending()) {
            if (asynchronous.mayBeAmong(page.rows(), state.flushed(), System.nanoTime())) {
                awaitFlush(state);
            }
            long highest = position.to().xmax() - 1;
            for (JournalRow row : page.rows()) {
                highest = Math.max(highest, row.transactionId());
            }
            return page.in(position.to(), page.after().to().below(highest + 1), gaps.settled());
        }
        if (page.begins() && !backfills.isPending()) {
            flushWaits++;
            maintenance.renewLease(true);
        }
        return page.in(
                page.begins() ? position.to() : position.from(), page.after().to(), gaps.settled());
    }

    /** Waits until everything that the read saw is flushed. Requests a flush if nobody else does so. */
    private void awaitFlush(ReadState state) throws SQLException, InterruptedException {
        if (state.flushed() >= state.visibleAt()) {
            return;
        }
        flushWaits++;
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < FLUSH_NS && loop.pauseMicros(FLUSH_STEP_MICROS)) {
            if (maintenance.flushed() >= state.visibleAt()) {
                return;
            }
        }
        maintenance.renewLease(true);
    }
}
