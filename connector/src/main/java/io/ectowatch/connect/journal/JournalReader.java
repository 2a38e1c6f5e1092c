package io.ectowatch.connect.journal;

import io.ectowatch.connect.backfill.ChunkSession;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.drift.DriftMonitor;
import io.ectowatch.connect.install.drift.DriftReport;
import io.ectowatch.connect.install.drift.SessionStart;
import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.read.BackfillRunner;
import io.ectowatch.connect.journal.read.BackfillStart;
import io.ectowatch.connect.journal.read.Heartbeats;
import io.ectowatch.connect.journal.read.JournalFetcher;
import io.ectowatch.connect.journal.read.KnownLayouts;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.read.ResyncRequests;
import io.ectowatch.connect.journal.state.ForeignRowsException;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalSession;
import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.wake.BellChoice;
import io.ectowatch.connect.journal.wake.Doorbell;
import io.ectowatch.connect.journal.wake.ReadPause;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads the journal into the queue, across lost connections. */
final class JournalReader {

    private static final Logger log = LoggerFactory.getLogger(JournalReader.class);

    /** How long it may take to wake up and disarm the bell when it is stopped. */
    private static final int GRACE_MS = 500;

    private final Connections connections;
    private final Provisioner provisioner;
    private final ObjectNames names;
    private final PageQueue queue;
    private final TaskMetrics metrics;
    private final long leaseMs;
    private final long heartbeatMs;
    private final BellChoice bell;
    private final OwnerFence fence;
    private final AtomicReference<JournalPosition> committed;
    private final SessionLoop loop;
    private @Nullable JournalPosition position;
    /** Whether Connect had an offset when the task started. */
    private final boolean hasOffset;
    /** Whether all triggers have existed before, as far as this task knows: before that, a session has missed nothing. */
    private boolean captured;

    private final DriftMonitor drift;
    private final KnownLayouts layouts;
    private final BackfillRunner backfills;
    /** Whether rows of another database have been found, which a new session is to make this one's. */
    private boolean foreignRows;

    private volatile boolean settled;

    /**
     * @param start where to continue, or null to begin with everything in the journal
     * @param committed how far Connect has committed; set by another thread
     */
    JournalReader(
            Connections connections,
            Provisioner provisioner,
            PageQueue queue,
            TaskMetrics metrics,
            long leaseMs,
            @Nullable JournalPosition start,
            AtomicReference<JournalPosition> committed,
            BackfillStart backfillStart,
            long heartbeatMs) {
        this.connections = connections;
        this.provisioner = provisioner;
        this.names = provisioner.names();
        this.fence = new OwnerFence(names);
        this.queue = queue;
        this.metrics = metrics;
        this.leaseMs = leaseMs;
        this.heartbeatMs = heartbeatMs;
        this.bell = new BellChoice(
                provisioner.names(), provisioner.journal().orElseThrow().bell());
        this.position = start;
        this.hasOffset = start != null;
        this.captured = hasOffset;
        this.committed = committed;
        loop = new SessionLoop("ectowatch-journal-" + names.connector(), this::session, connections);
        drift = new DriftMonitor(connections, provisioner, loop);
        layouts = new KnownLayouts(names, drift::tables, provisioner.absentTables());
        backfills = new BackfillRunner(
                new ChunkSession(connections, names, provisioner.readAccess(), loop),
                layouts,
                drift::captures,
                backfillStart);
    }

    void start() {
        loop.start();
    }

    /** Like {@link ChangeSource#awaitWatching}. */
    void awaitWatching(long atMostMs) {
        if (!loop.awaitReady(atMostMs)) {
            drift.warnOfWhatIsMissing();
        }
    }

    /** Ends the thread. Returns within two seconds, even when the network is dead. */
    void stop() {
        loop.stop(GRACE_MS);
    }

    @Nullable
    ConnectException failure() {
        return loop.failure();
    }

    boolean settled() {
        return settled;
    }

    /** The contents of the rows of each layout. */
    Map<Integer, WatchedTable> layouts() {
        return layouts.byNumber();
    }

    /** Whether rows of that layout belong to a table that is not watched any more. */
    boolean isPassedOver(int layout) {
        return layouts.isPassedOver(layout);
    }

    /** All tables whose changes can be in the journal. */
    Collection<WatchedTable> tablesInUse() {
        return layouts.inUse();
    }

    List<WatchedTable> tables() {
        return layouts.tables();
    }

    private void session() throws SQLException, InterruptedException {
        Connection reading = loop.abortable(connections.openForNotifications());
        JournalFetcher fetcher = null;
        try {
            SessionStart found = drift.begin(reading);
            JournalSession session = new JournalSession(reading, names);
            session.settle();
            boolean rings = bell.rings(reading);
            HistoryCheck history = new HistoryCheck(reading, names, fence, session);
            history.adopt(foreignRows, () -> {
                if (drift.advance(reading).progress().installed()) {
                    loop.ready();
                }
            });
            foreignRows = false;
            Doorbell doorbell = new Doorbell(reading, names, fence.token());
            doorbell.listen();
            JournalTables tables = new JournalTables(reading, names, fence, provisioner.installs());
            JournalMaintenance maintenance = new JournalMaintenance(
                    reading,
                    names,
                    fence,
                    tables,
                    leaseMs,
                    provisioner.journal().orElseThrow().maxBytes());
            boolean resumed = hasOffset && !loop.wasEstablished();
            if (captured && !found.installedAnything() || resumed && found.lackedStamps()) {
                session.announceLoss(); // all objects were dropped since the position was reached
            }
            LossAnnouncer announcer = new LossAnnouncer(session, layouts, queue);
            HistoryCheck.Start start = history.startAfter(position);
            if (start.elsewhere()) {
                queue.clear();
            }
            boolean first = position == null;
            JournalPosition from = start.position();
            position = from;
            layouts.learn(reading);
            backfills.begin(first, start.elsewhere());
            if (start.elsewhere()) {
                from = announcer.announceOtherHistory(from.with(backfills.state()));
                drift.announcedEveryTable();
                position = from;
            }
            maintenance.renewLease(false);
            Heartbeats heartbeats = new Heartbeats(heartbeatMs);
            fetcher = new JournalFetcher(
                    loop,
                    queue,
                    reading,
                    names,
                    fence,
                    tables,
                    maintenance,
                    from,
                    drift::recheck,
                    rows -> layouts.learnThoseOf(rows, reading),
                    backfills,
                    heartbeats);
            metrics.connect();
            loop.established();
            log.info("Connector {} reads its journal after {}.", names.connector(), from);
            new ReadSession(
                            loop,
                            reading,
                            drift,
                            layouts,
                            queue,
                            announcer,
                            fetcher,
                            heartbeats,
                            maintenance,
                            metrics,
                            new JournalGauges(metrics.journal(), maintenance, fetcher, doorbell),
                            new OpenBackfills(reading, names, fence),
                            new ReadPause(loop, queue, fetcher, reading, rings ? doorbell : null, drift.intervalNs()),
                            this::committed,
                            this::progressed)
                    .readUntilStopped();
        } catch (ForeignRowsException e) {
            foreignRows = true;
            throw e;
        } finally {
            settled = false;
            metrics.disconnected();
            if (fetcher != null) {
                position = fetcher.position();
                backfills.sessionEnded();
            }
            drift.close();
            loop.release(reading);
        }
    }

    /** Records that a resync of the table was published that is not in the journal. */
    ResyncRequests resyncs() {
        return backfills.resyncs();
    }

    /** Requests another read of the catalog, because a row does not match its table. */
    void recheck() {
        drift.recheck();
    }

    /** How far Connect has committed; null if that is not known, or belongs to another history. */
    private @Nullable JournalPosition committed() {
        JournalPosition last = committed.get();
        JournalPosition began = position;
        return last != null && began != null && last.history().equals(began.history()) ? last : null;
    }

    private void progressed(DriftReport.Progress progress) {
        settled = progress.settled();
        if (progress.installed()) {
            captured = true;
            loop.ready();
        }
    }
}
