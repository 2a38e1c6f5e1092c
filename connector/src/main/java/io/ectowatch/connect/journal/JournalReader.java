package io.ectowatch.connect.journal;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.install.InstallationRun;
import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads the journal into the queue, whatever happens to the connection. */
final class JournalReader {

    private static final Logger log = LoggerFactory.getLogger(JournalReader.class);

    /** While changes flow the task looks again at once; it goes to sleep only after so much silence. */
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int STEP_MS = 1;
    /** How many steps to wait for somebody else's flush before asking for one. */
    private static final int FLUSH_STEPS = 3;

    private static final int STEP_WITHOUT_BELL_MS = 5;

    /** Longest sleep with the bell armed, and longest time for which an absent task keeps it so. */
    private static final int SLEEP_MS = 1_000;

    private final Connections connections;
    private final Preparation preparation;
    private final ObjectNames names;
    private final PageQueue queue;
    private final TaskMetrics metrics;
    private final long leaseMs;
    private final boolean bell;
    private final String token = UUID.randomUUID().toString();
    private final AtomicReference<JournalPosition> committed;
    private final SessionLoop loop;
    private volatile JournalPosition position;
    private boolean ownedBefore;
    private volatile Map<Integer, WatchedTable> layouts = Map.of();
    private volatile List<WatchedTable> tables = List.of();
    private InstallationRun run;
    private volatile boolean settled;

    /**
     * @param start where to go on, or null to begin with what the journal has
     * @param committed how far Connect has committed; set by others
     */
    JournalReader(
            Connections connections,
            Preparation preparation,
            PageQueue queue,
            TaskMetrics metrics,
            long leaseMs,
            JournalPosition start,
            AtomicReference<JournalPosition> committed) {
        this.connections = connections;
        this.preparation = preparation;
        this.names = preparation.names();
        this.queue = queue;
        this.metrics = metrics;
        this.leaseMs = leaseMs;
        this.bell = preparation.journal().orElseThrow().bell();
        this.position = start;
        this.committed = committed;
        loop = new SessionLoop("ectowatch-journal-" + names.connector(), this::session);
    }

    void start() {
        loop.start();
    }

    /** Ends the thread; returns within two seconds, also when the network is dead. */
    void stop() {
        loop.stop();
    }

    ConnectException failure() {
        return loop.failure();
    }

    boolean settled() {
        return settled;
    }

    /** What the rows of each layout hold. */
    Map<Integer, WatchedTable> layouts() {
        return layouts;
    }

    List<WatchedTable> tables() {
        return tables;
    }

    /** The database's identity and timeline, as far as known. */
    String history() {
        return position.history();
    }

    private void session() throws SQLException, InterruptedException {
        Connection reading = loop.abortable(connections.openForNotifications());
        try {
            Doorbell doorbell = new Doorbell(reading, names);
            doorbell.listen();
            run = InstallationRun.begin(connections, preparation, loop::pause);
            loop.abortable(run.connection());
            JournalSession session = new JournalSession(reading, names);
            session.settle();
            Upkeep upkeep = new Upkeep(reading, names, token, leaseMs);
            own(upkeep);
            position = comparable(session);
            layouts = session.layouts(run.tables());
            tables = run.tables();
            upkeep.renewLease(false);
            metrics.connect();
            loop.established();
            log.info("Reading the journal of connector {}.", names.connector());
            readUntilStopped(reading, doorbell, upkeep);
        } finally {
            settled = false;
            if (run != null) {
                loop.release(run.connection());
            }
            loop.release(reading);
        }
    }

    /** Two tasks may be alive at once for a while, after a rebalance; the later one is right. */
    private void own(Upkeep upkeep) throws SQLException {
        if (!ownedBefore) {
            upkeep.takeOver();
            ownedBefore = true;
        } else if (!upkeep.owns()) {
            throw new ConnectException("Another task has taken over the journal of connector " + names.connector()
                    + "; this one ends. If two Connect clusters run a connector of this name on this database, give"
                    + " them different names.");
        }
    }

    /** Where to go on, as far as that means anything in this database. */
    private JournalPosition comparable(JournalSession session) throws SQLException {
        String history = session.history();
        if (position != null && position.history().equals(history)) {
            return position;
        }
        if (position != null) {
            log.warn("The database's history is another one than when the journal was last read, as after a failover or"
                    + " a restore: what the journal has is delivered again, so that nothing is missed.");
            queue.clear();
            committed.set(null);
            if (!position.history().split("/")[0].equals(history.split("/")[0])) {
                session.adopt();
            }
        }
        long losses = position == null ? -1 : position.losses();
        return new JournalPosition(history, Snapshot.BEFORE_EVERYTHING, Snapshot.BEFORE_EVERYTHING, 0, 0, 0, losses);
    }

    private void readUntilStopped(Connection reading, Doorbell doorbell, Upkeep upkeep)
            throws SQLException, InterruptedException {
        CutReader reader = new CutReader(reading, names, position);
        GapWatch gaps = new GapWatch(reading, names, token, upkeep, position.losses());
        long quietSince = System.nanoTime();
        while (!loop.isStopping()) {
            settled = run.advance();
            if (!queue.awaitRoom(200)) {
                if (reader.state() != null) {
                    upkeep.tend(reader.state().ring(), committed.get());
                }
                continue;
            }
            if (look(reader, gaps, upkeep)) {
                quietSince = System.nanoTime();
                continue;
            }
            upkeep.tend(reader.state().ring(), committed.get());
            if (System.nanoTime() - quietSince < SILENCE_NS) {
                loop.pause(STEP_MS);
            } else if (!queue.askedWithin(SLEEP_MS)) {
                loop.pause(100);
            } else if (!bell || !settled) {
                loop.pause(STEP_WITHOUT_BELL_MS);
            } else {
                sleep(doorbell, reader, gaps, upkeep);
                quietSince = System.nanoTime();
            }
        }
    }

    /** Takes a page; returns whether there was anything. */
    private boolean look(CutReader reader, GapWatch gaps, Upkeep upkeep) throws SQLException, InterruptedException {
        JournalPage page = reader.next();
        CutReader.State state = reader.state();
        if (position.losses() < 0) {
            position = position.withLosses(gaps.known(state));
        }
        if (!page.rows().isEmpty()) {
            page = durable(page, state, gaps.known(state), upkeep);
            queue.put(page);
            position = page.end(position.history());
        }
        String gap = page.ends() ? gaps.check(state) : null;
        if (gap != null) {
            JournalPage announcement = JournalPage.gap(position, gap, gaps.losses());
            queue.put(announcement);
            position = announcement.end(position.history());
        }
        return !page.rows().isEmpty() || gap != null || !page.ends();
    }

    /**
     * Waits until what has been read would survive a crash of the server, and describes the cut by what would. With
     * {@code synchronous_commit = off} a change can be seen before it is on disk; and a transaction number that left no
     * trace on disk is given out again, to a transaction whose changes must not count as taken.
     */
    private JournalPage durable(JournalPage page, CutReader.State state, long losses, Upkeep upkeep)
            throws SQLException, InterruptedException {
        if (page.begins() && page.ends()) {
            boolean flushed = state.flushed() >= state.written();
            for (int step = 0; !flushed && step < FLUSH_STEPS; step++) {
                loop.pause(STEP_MS);
                flushed = upkeep.flushed() >= state.written();
            }
            if (!flushed) {
                upkeep.renewLease(true);
            }
            long highest = position.to().xmax() - 1;
            for (JournalRow row : page.rows()) {
                highest = Math.max(highest, row.transactionId());
            }
            return page.cut(position.to(), page.to().below(highest + 1), losses);
        }
        if (page.begins()) {
            upkeep.renewLease(true);
        }
        return page.cut(page.begins() ? position.to() : position.from(), page.to(), losses);
    }

    /**
     * Sleeps until a trigger rings. A writer that looked at the bell before it was armed may commit after the look that
     * follows; such a one was in progress then, so wait for all of those to end before trusting the bell.
     */
    private void sleep(Doorbell doorbell, CutReader reader, GapWatch gaps, Upkeep upkeep)
            throws SQLException, InterruptedException {
        long armedAt = doorbell.arm(token);
        if (armedAt == 0) {
            loop.pause(STEP_MS);
            return;
        }
        try {
            boolean found = look(reader, gaps, upkeep);
            while (!found && !reader.state().snapshot().allEndedBefore(armedAt)) {
                if (loop.isStopping() || !queue.askedWithin(SLEEP_MS)) {
                    return;
                }
                loop.pause(STEP_WITHOUT_BELL_MS);
                found = look(reader, gaps, upkeep);
            }
            if (!found && !loop.isStopping()) {
                doorbell.await(SLEEP_MS);
            }
        } finally {
            if (!loop.isStopping()) {
                doorbell.disarm(token);
            }
        }
    }
}
