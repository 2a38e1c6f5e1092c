package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;

/** Takes the journal into the queue, page by page, while a session lasts; what it takes would survive a crash. */
final class JournalDrain {

    /** How long to wait for somebody else's flush before asking for one. */
    private static final long FLUSH_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final int FLUSH_STEP_MICROS = 200;

    /**
     * The more rows come at a time, the longer the rest after them, from some thousands a second on the longest. So many
     * small looks, each ending in a small batch for Kafka, would take from the writers what they write with.
     */
    private static final int LEAST_REST_MICROS = 300;

    private static final int REST_MICROS_PER_ROW = 200;
    private static final int LONGEST_REST_MICROS = 20_000;

    private final SessionLoop loop;
    private final PageQueue queue;
    private final Connection connection;
    private final Ownership ownership;
    private final Upkeep upkeep;
    private final CutReader reader;
    private final GapWatch gaps;
    private final Runnable onGap;
    private final LayoutCheck layouts;
    private JournalPosition position;
    private int restMicros;
    private boolean calm;
    private final Pace pace = new Pace();
    private final AsynchronousCommits asynchronous = new AsynchronousCommits();

    /** Learns what the rows of some layouts hold, where that is not known yet. */
    interface LayoutCheck {
        void learn(List<JournalRow> rows) throws SQLException;
    }

    /**
     * Goes on after {@code position}.
     *
     * @param onGap what to do when something was lost, as when a trigger does not fit its table any more
     */
    JournalDrain(
            SessionLoop loop,
            PageQueue queue,
            Connection connection,
            ObjectNames names,
            Ownership ownership,
            JournalTables tables,
            Upkeep upkeep,
            JournalPosition position,
            Runnable onGap,
            LayoutCheck layouts) {
        this.loop = loop;
        this.queue = queue;
        this.upkeep = upkeep;
        this.position = position;
        this.onGap = onGap;
        this.layouts = layouts;
        this.connection = connection;
        this.ownership = ownership;
        reader = new CutReader(connection, names, ownership, tables, position);
        gaps = new GapWatch(upkeep, position.losses());
    }

    /** How far it has come. */
    JournalPosition position() {
        return position;
    }

    /** What the last look showed of the database; null before the first. */
    JournalState state() {
        return reader.state();
    }

    /** How long to leave the processor to others before the next look, in microseconds. */
    int restMicros() {
        return restMicros;
    }

    /** Whether the last look came to the end of what there was, and found nothing missing: else another has to follow. */
    boolean calm() {
        return calm;
    }

    /**
     * Takes a page; returns whether there was anything.
     *
     * @throws ConnectException when a later task has taken over
     */
    boolean look() throws SQLException, InterruptedException {
        JournalPage page = reader.next();
        JournalState state = reader.state();
        if (!state.owned()) {
            // A later task may write rows of layouts that this one does not know, and must not pass over.
            ownership.claim(connection);
        }
        if (!page.rows().isEmpty()) {
            page = durable(page, state);
            layouts.learn(page.rows());
            queue.put(page);
            position = page.end();
            pace.found(transactions(page.rows()), state.nothingInProgress(), System.nanoTime());
        }
        restMicros = page.ends() ? restMicrosAfter(page.rows().size()) : 0;
        String gap = page.ends() ? gaps.check(state) : null;
        if (gap != null) {
            JournalPage announcement = JournalPage.gap(position, gap, gaps.settled());
            queue.put(announcement);
            position = announcement.end();
            onGap.run();
        }
        calm = page.ends() && gap == null;
        return !page.rows().isEmpty() || gap != null || !page.ends();
    }

    /** Whether so few changes come that it does not pay to look for the next one. */
    boolean fewCome() {
        return pace.isSlow(System.nanoTime());
    }

    /** How many there are, or a few more where they were at work at the same time. */
    private static int transactions(List<JournalRow> rows) {
        int transactions = 0;
        long last = 0;
        for (JournalRow row : rows) {
            transactions += row.transactionId() == last ? 0 : 1;
            last = row.transactionId();
        }
        return transactions;
    }

    static int restMicrosAfter(int rows) {
        return (int) Math.min(LEAST_REST_MICROS + (long) rows * REST_MICROS_PER_ROW, LONGEST_REST_MICROS);
    }

    /**
     * Waits until what has been read would survive a crash of the server, and describes the cut by what would. With
     * {@code synchronous_commit = off} a change can be seen before it is on disk; and a transaction number that left no
     * trace on disk is given out again, to a transaction whose changes must not count as taken.
     *
     * <p>Where nobody commits like that, nothing has to be waited for. It would be for what others are writing just then,
     * until one of them commits: at a thousand transactions a second that was what made the slowest in a hundred slow.
     */
    private JournalPage durable(JournalPage page, JournalState state) throws SQLException, InterruptedException {
        if (page.begins() && page.ends()) {
            long begun = System.nanoTime();
            boolean flushed =
                    !asynchronous.mayBeAmong(page.rows(), state.flushed(), begun) || state.flushed() >= state.written();
            while (!flushed && System.nanoTime() - begun < FLUSH_NS && loop.pauseMicros(FLUSH_STEP_MICROS)) {
                flushed = upkeep.flushed() >= state.written();
            }
            if (!flushed) {
                upkeep.renewLease(true);
            }
            long highest = position.to().xmax() - 1;
            for (JournalRow row : page.rows()) {
                highest = Math.max(highest, row.transactionId());
            }
            return page.cut(position.to(), page.to().below(highest + 1), gaps.settled());
        }
        if (page.begins()) {
            upkeep.renewLease(true);
        }
        return page.cut(page.begins() ? position.to() : position.from(), page.to(), gaps.settled());
    }
}
