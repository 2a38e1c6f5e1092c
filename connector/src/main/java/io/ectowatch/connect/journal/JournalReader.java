package io.ectowatch.connect.journal;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.install.InstallationRun;
import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Backoff;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.Failure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads the journal into the queue, whatever happens to the connection. */
final class JournalReader implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(JournalReader.class);

    private static final int JOIN_MS = 2_000;

    /** While changes flow the task looks again at once; it goes to sleep only after so much silence. */
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int STEP_MS = 1;
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
    private final Backoff backoff = new Backoff();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile JournalPosition position;
    private boolean ownedBefore;
    private volatile Map<Integer, WatchedTable> layouts = Map.of();
    private volatile List<WatchedTable> tables = List.of();
    private volatile Connection reading;
    private volatile InstallationRun run;
    private volatile ConnectException failure;
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
        thread = new Thread(this, "ectowatch-journal-" + names.connector());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends the thread; returns within two seconds, also when the network is dead. */
    void stop() {
        stopping.countDown();
        abort(reading);
        InstallationRun current = run;
        if (current != null) {
            abort(current.connection());
        }
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    ConnectException failure() {
        return failure;
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

    @Override
    public void run() {
        try {
            while (!isStopping()) {
                try {
                    session();
                } catch (SQLException e) {
                    connectionFailed(e);
                }
            }
        } catch (ConnectException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (!isStopping()) {
                failure = new ConnectException("Reading the journal failed unexpectedly: " + e, e);
            }
        }
    }

    private void session() throws SQLException, InterruptedException {
        try {
            reading = connections.openForNotifications();
            Doorbell doorbell = new Doorbell(reading, names);
            doorbell.listen();
            run = InstallationRun.begin(connections, preparation, this::pause);
            JournalSession session = new JournalSession(reading, names);
            session.settle();
            Upkeep upkeep = new Upkeep(reading, names, token, leaseMs);
            own(upkeep);
            position = comparable(session);
            layouts = session.layouts(run.tables());
            tables = run.tables();
            upkeep.renewLease(false);
            metrics.connect();
            backoff.succeeded();
            log.info("Reading the journal of connector {}.", names.connector());
            readUntilStopped(doorbell, upkeep);
        } finally {
            settled = false;
            Connections.closeQuietly(run);
            Connections.closeQuietly(reading);
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

    private void readUntilStopped(Doorbell doorbell, Upkeep upkeep) throws SQLException, InterruptedException {
        CutReader reader = new CutReader(reading, names, position);
        GapWatch gaps = new GapWatch(reading, names, token, upkeep, position.losses());
        long quietSince = System.nanoTime();
        while (!isStopping()) {
            settled = run.advance();
            if (!queue.awaitRoom(200)) {
                upkeep.tend(reader.state().ring(), committed.get());
                continue;
            }
            if (look(reader, gaps, upkeep)) {
                quietSince = System.nanoTime();
                continue;
            }
            upkeep.tend(reader.state().ring(), committed.get());
            if (System.nanoTime() - quietSince < SILENCE_NS) {
                pause(STEP_MS);
            } else if (!queue.askedWithin(SLEEP_MS)) {
                pause(100);
            } else if (!bell || !settled) {
                pause(STEP_WITHOUT_BELL_MS);
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
            for (int step = 0; flushedLess(state, step); step++) {
                if (step == 3) {
                    upkeep.renewLease(true);
                    break;
                }
                pause(STEP_MS);
            }
            long highest = position.to().xmax() - 1;
            for (JournalRow row : page.rows()) {
                highest = Math.max(highest, row.transactionId());
            }
            return page.cutTo(page.to().below(highest + 1), losses);
        }
        if (page.begins()) {
            upkeep.renewLease(true);
        }
        return page.cutTo(page.to(), losses);
    }

    private boolean flushedLess(CutReader.State state, int step) throws SQLException {
        if (step == 0) {
            return state.flushed() < state.written();
        }
        try (Statement statement = reading.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn")) {
            row.next();
            return row.getLong(1) < state.written();
        }
    }

    /**
     * Sleeps until a trigger rings. A writer that looked at the bell before it was armed may commit after the look that
     * follows; such a one was in progress then, so wait for all of those to end before trusting the bell.
     */
    private void sleep(Doorbell doorbell, CutReader reader, GapWatch gaps, Upkeep upkeep)
            throws SQLException, InterruptedException {
        long armedAt = doorbell.arm(token);
        if (armedAt == 0) {
            pause(STEP_MS);
            return;
        }
        try {
            boolean found = look(reader, gaps, upkeep);
            while (!found && !reader.state().snapshot().allEndedBefore(armedAt)) {
                if (isStopping() || !queue.askedWithin(SLEEP_MS)) {
                    return;
                }
                pause(STEP_WITHOUT_BELL_MS);
                found = look(reader, gaps, upkeep);
            }
            if (!found && !isStopping()) {
                doorbell.await(SLEEP_MS);
            }
        } finally {
            if (!isStopping()) {
                doorbell.disarm(token);
            }
        }
    }

    private void connectionFailed(SQLException e) throws InterruptedException {
        if (isStopping()) {
            return;
        }
        Failure meaning = Failure.of(e);
        if (meaning.permanent() && !ownedBefore) {
            throw new ConnectException(meaning.setting() + ": " + meaning.message(), e);
        }
        long wait = backoff.failed();
        if (backoff.failures() == 1) {
            log.warn("{} Trying again until it works.", meaning.message());
        } else {
            log.debug("{} Attempt {}; next in {} ms.", meaning.message(), backoff.failures(), wait);
        }
        pause(wait);
    }

    private boolean pause(long milliseconds) throws InterruptedException {
        return !stopping.await(milliseconds, TimeUnit.MILLISECONDS);
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private static void abort(Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            // Closes the socket without waiting for whoever uses the connection.
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            log.debug("Could not abort a connection.", e);
        }
    }
}
