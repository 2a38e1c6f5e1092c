package io.ectowatch.connect.journal;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.install.InstallationWatch;
import io.ectowatch.connect.install.ObjectNames;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.record.ChangeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
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

    /** While many changes come the task goes on looking; it goes to sleep only after so much silence. */
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int STEP_MICROS = 1_000;

    /** Without a bell, how often to look after a journal that nothing comes to. One with a bell sleeps as long. */
    private static final long UPKEEP_AT_REST_NS = TimeUnit.SECONDS.toNanos(5);

    private static final int STEP_UNTIL_SETTLED_MS = 5;

    /** How long it may take, when it is to stop, to wake up and to disarm the bell. */
    private static final int GRACE_MS = 500;

    private final Connections connections;
    private final Preparation preparation;
    private final ObjectNames names;
    private final PageQueue queue;
    private final TaskMetrics metrics;
    private final long leaseMs;
    private final BellChoice bell;
    private final Ownership ownership;
    private final AtomicReference<JournalPosition> committed;
    private final SessionLoop loop;
    private JournalPosition position;
    private final InstallationWatch watch;
    private final KnownLayouts layouts;
    private JournalDrain drain;
    /** Whether rows of another database have been found, which a new session is to make this one's. */
    private boolean foreignRows;

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
        this.ownership = new Ownership(names);
        this.queue = queue;
        this.metrics = metrics;
        this.leaseMs = leaseMs;
        this.bell = new BellChoice(
                preparation.names(), preparation.journal().orElseThrow().bell());
        this.position = start;
        this.committed = committed;
        loop = new SessionLoop("ectowatch-journal-" + names.connector(), this::session, connections);
        watch = new InstallationWatch(connections, preparation, loop);
        layouts = new KnownLayouts(names, watch::tables);
    }

    void start() {
        loop.start();
    }

    /** As {@link ChangeSource#awaitWatching}. */
    void awaitWatching(long atMostMs) {
        if (!loop.awaitReady(atMostMs)) {
            watch.warnOfWhatIsMissing();
        }
    }

    /** Ends the thread; returns within two seconds, also when the network is dead. */
    void stop() {
        loop.stop(GRACE_MS);
    }

    ConnectException failure() {
        return loop.failure();
    }

    boolean settled() {
        return settled;
    }

    /** What the rows of each layout hold. */
    Map<Integer, WatchedTable> layouts() {
        return layouts.byNumber();
    }

    /** Whether rows of that layout are of a table that nobody watches any more. */
    boolean isPassedOver(int layout) {
        return layouts.isPassedOver(layout);
    }

    /** All tables that changes can be of. */
    Collection<WatchedTable> tablesInUse() {
        return layouts.inUse();
    }

    List<WatchedTable> tables() {
        return layouts.tables();
    }

    private void session() throws SQLException, InterruptedException {
        Connection reading = loop.abortable(connections.openForNotifications());
        try {
            watch.begin(reading);
            JournalSession session = new JournalSession(reading, names);
            session.settle();
            boolean rings = bell.rings(reading);
            String history = session.history();
            boolean copied = adopt(reading, session, history);
            Doorbell doorbell = new Doorbell(reading, names, ownership.token());
            doorbell.listen();
            JournalTables tables = new JournalTables(reading, names, ownership, preparation.installs());
            Upkeep upkeep = new Upkeep(
                    reading,
                    names,
                    ownership,
                    tables,
                    leaseMs,
                    preparation.journal().orElseThrow().maxBytes());
            boolean resumed = position != null && !loop.wasEstablished();
            if (position != null && !watch.run().installedAnything() || resumed && watch.lackedStamps()) {
                session.announceLoss(); // somebody has dropped everything since the position was reached
            }
            boolean elsewhere = !goOn(session, history, copied);
            layouts.learn(reading);
            if (elsewhere) {
                announceOtherHistory(session);
            }
            upkeep.renewLease(false);
            drain = new JournalDrain(
                    loop,
                    queue,
                    reading,
                    names,
                    ownership,
                    tables,
                    upkeep,
                    position,
                    watch::recheck,
                    rows -> layouts.learnThoseOf(rows, reading));
            metrics.connect();
            loop.established();
            log.info("Reading the journal of connector {} after {}.", names.connector(), position);
            readUntilStopped(
                    reading,
                    session,
                    upkeep,
                    rings ? new Sleep(loop, doorbell, queue, drain, watch.intervalNs()) : null);
        } catch (ForeignRowsException e) {
            foreignRows = true;
            throw e;
        } finally {
            settled = false;
            if (drain != null) {
                position = drain.position();
                drain = null; // or a later session that fails early would go back to it
            }
            watch.close();
            loop.release(reading);
        }
    }

    /** Asks for another look at the catalog, because a row does not fit its table. */
    void recheck() {
        watch.recheck();
    }

    /** Makes the task the journal's owner, and the journal this database's if it was copied; returns whether it was. */
    private boolean adopt(Connection reading, JournalSession session, String history)
            throws SQLException, InterruptedException {
        boolean copied = ownership.enter(reading, history);
        List<Integer> tables = session.tables();
        if (!copied && (foreignRows || session.hasPlacesOfAnotherSystem(tables))) {
            ownership.disown(reading);
            copied = true;
        }
        if (copied) {
            log.warn(
                    "The journal of connector {} was copied from another database or server, as by a dump and restore:"
                            + " what it has is delivered once.",
                    names.connector());
            new Adoption(reading, names, ownership).run(tables, () -> {
                watch.advance(reading);
                if (watch.installed()) {
                    loop.ready();
                }
            });
            foreignRows = false;
        }
        return copied;
    }

    /**
     * Finds out where to go on.
     *
     * @param copied whether the journal was another database's
     * @return false when the position of before means nothing in this database, and reading begins anew
     */
    private boolean goOn(JournalSession session, String history, boolean copied) throws SQLException {
        if (position == null && !copied) {
            position = JournalPosition.beginning(history, 0);
            return true;
        }
        if (!copied && position.isOf(history) && !session.isBehind(position)) {
            return true;
        }
        if (!copied) {
            log.warn(
                    "The database's history is another one than when the journal was last read, as after a failover or a"
                            + " restore: what the journal has is delivered again, so that nothing is missed.");
        }
        queue.clear();
        // Told apart from the history before, whose numbers may yet be committed.
        position =
                JournalPosition.beginning(history + "/" + UUID.randomUUID(), position == null ? 0 : position.losses());
        return false;
    }

    /**
     * Of what has been delivered, some may have never happened here. And Connect's offset is of this history then. The loss
     * is noted in the database as well: a task that ends before Kafka has the announcement leaves it to the next one.
     */
    private void announceOtherHistory(JournalSession session) throws SQLException {
        JournalPage announcement = JournalPage.gap(
                position,
                "the database is not the one, or older than it was, when it was last read",
                session.announceLoss());
        queue.put(announcement);
        position = announcement.end();
    }

    private void announceWhatWasMissed(JournalSession session) throws SQLException {
        if (watch.missedSome()) {
            session.announceLoss();
            watch.announced();
        }
        List<WatchedTable> replaced = watch.replaced();
        if (!replaced.isEmpty()) {
            for (WatchedTable table : replaced) {
                session.announceResync(layouts.number(table));
            }
            watch.announced();
        }
    }

    /** How far Connect has committed; null when that is not known, or meant something else. */
    private JournalPosition committed() {
        JournalPosition last = committed.get();
        return last != null && last.history().equals(position.history()) ? last : null;
    }

    /** {@code sleep}: null where no bell may wake the task. */
    private void readUntilStopped(Connection reading, JournalSession session, Upkeep upkeep, Sleep sleep)
            throws SQLException, InterruptedException {
        long quietSince = System.nanoTime();
        long nextUpkeep = quietSince;
        while (!loop.isStopping()) {
            if (watch.advance(reading)) {
                layouts.learn(reading);
            }
            announceWhatWasMissed(session);
            settled = watch.settled();
            boolean found = queue.awaitRoom(200) && drain.look();
            if (watch.installed()) {
                loop.ready();
            }
            long now = System.nanoTime();
            boolean atRest = sleep == null && !found && now - quietSince >= UPKEEP_AT_REST_NS;
            if (drain.state() != null && (!atRest || upkeep.busy() || now - nextUpkeep >= 0)) {
                nextUpkeep = now + UPKEEP_AT_REST_NS;
                upkeep.tend(drain.state(), committed());
            }
            boolean maySleep = sleep != null && settled && !watch.isBusy() && !upkeep.busy();
            if (found) {
                quietSince = now;
                loop.pauseMicros(drain.restMicros());
            } else if (now - quietSince < SILENCE_NS && !(maySleep && drain.fewCome())) {
                loop.pauseMicros(STEP_MICROS);
            } else if (!queue.askedWithin(Sleep.ABSENCE_MS)) {
                loop.pause(100);
            } else if (sleep == null) {
                loop.pause(BellChoice.pauseMs(now - quietSince));
            } else if (!maySleep) {
                loop.pause(STEP_UNTIL_SETTLED_MS);
            } else if (sleep.untilMoreIsToBeDone(now - quietSince)) {
                quietSince = System.nanoTime();
            }
        }
    }
}
