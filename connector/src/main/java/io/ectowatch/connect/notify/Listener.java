package io.ectowatch.connect.notify;

import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.drift.DriftMonitor;
import io.ectowatch.connect.install.drift.DriftReport;
import io.ectowatch.connect.install.drift.SessionStart;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.record.ChangeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that listens permanently: it connects, listens, installs, reads the socket into the queue, and starts
 * again when the connection is lost. A paused task stops polling, without a notice from Connect. The socket must be
 * read even then, since otherwise notifications fill the server's queue.
 */
final class Listener {

    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    /** SQLSTATEs of texts that the server cannot convert, or finds invalid. */
    private static final Set<String> NOT_UTF8 = Set.of(SqlStates.UNTRANSLATABLE_CHARACTER, SqlStates.INVALID_BYTES);

    /** The longest wait for a notification; {@code getNotifications(0)} would wait for ever on a dead network. */
    private static final int WAIT_MS = 500;

    /** While another thread installs triggers or reads the catalog, and before its result is used. */
    private static final int BUSY_WAIT_MS = 5;

    private final Connections connections;
    private final Provisioner provisioner;
    private final PayloadQueue queue;
    private final NotifyLayouts layouts;
    private final TaskMetrics metrics;
    private final int answerTimeoutMs;
    private final SessionLoop loop;
    private final DriftMonitor watch;
    private volatile boolean settled;

    Listener(
            Connections connections,
            Provisioner provisioner,
            PayloadQueue queue,
            NotifyLayouts layouts,
            TaskMetrics metrics,
            int answerTimeoutMs) {
        this.connections = connections;
        this.provisioner = provisioner;
        this.queue = queue;
        this.layouts = layouts;
        this.metrics = metrics;
        this.answerTimeoutMs = answerTimeoutMs;
        loop = new SessionLoop("ectowatch-listener-" + provisioner.names().connector(), this::session, connections);
        watch = new DriftMonitor(connections, provisioner, loop);
    }

    void start() {
        loop.start();
    }

    /** Like {@link ChangeSource#awaitWatching}. */
    void awaitWatching(long atMostMs) {
        if (!loop.awaitReady(atMostMs)) {
            watch.warnOfWhatIsMissing();
        }
    }

    /** Ends the thread. Returns within two seconds, even when the network is dead. */
    void stop() {
        loop.stop();
    }

    /** What the operator has to fix, if the thread has given up; else null. */
    @Nullable
    ConnectException failure() {
        return loop.failure();
    }

    /** Whether it listens, and all triggers are installed. */
    boolean settled() {
        return settled;
    }

    /** Requests another check of catalog and triggers, for example because a trigger reported an error. */
    void recheck() {
        watch.recheck();
    }

    private void session() throws SQLException, InterruptedException {
        Connection listening = loop.abortable(connections.openForNotifications());
        try {
            NotificationReceiver drain = new NotificationReceiver(listening, provisioner.names(), queue, metrics);
            // First listen, then check: what changes in between is received (PG docs, sql-listen).
            drain.listen();
            SessionStart start = watch.begin(listening);
            layouts.update(start.tables(), start.formerLayouts());
            drain.proveThatItHears(start.installing(), answerTimeoutMs);
            drain.ping(); // later losses are detected; earlier ones are part of this gap:
            announceGap(start);
            metrics.connect();
            loop.established();
            log.info(
                    "Connector {} listens for notifications on channel {}.",
                    provisioner.names().connector(),
                    provisioner.names().channel());
            drainUntilStopped(listening, drain);
        } finally {
            settled = false;
            metrics.disconnected();
            watch.close();
            loop.release(listening);
        }
    }

    private void drainUntilStopped(Connection listening, NotificationReceiver drain)
            throws SQLException, InterruptedException {
        while (!loop.isStopping()) {
            DriftReport report = watch.advance(listening);
            if (report.reread()) {
                layouts.update(report.tables(), report.formerLayouts());
            }
            watch.announced(report);
            settled = report.progress().settled();
            metrics.tables(
                    report.tables().size(),
                    report.progress().inTrouble(),
                    report.progress().withoutTriggers());
            if (report.progress().installed()) {
                loop.ready();
            }
            receive(drain, report.progress().busy() || report.reread());
            // After the changes that were committed before. If the connection is lost instead, every table gets a
            // resync.
            report.losses().replaced().forEach(table -> queue.offerGap(layouts.known(table)));
            report.losses().departed().forEach((name, table) -> table.map(layouts::known)
                    .or(() -> provisioner.absentTables().of(name))
                    .ifPresent(queue::offerGap));
        }
    }

    /**
     * PostgreSQL ends a session to which it cannot send a notification: the next session announces what was missed.
     * This is not an error that needs fixing, however often it occurs.
     */
    private static void receive(NotificationReceiver drain, boolean busy) throws SQLException {
        try {
            drain.once(busy ? BUSY_WAIT_MS : WAIT_MS);
        } catch (SQLException e) {
            if (NOT_UTF8.contains(String.valueOf(e.getSQLState()))) {
                throw new SQLException(
                        "a notification contains a text that is not valid UTF-8, so PostgreSQL ends the session. Use"
                                + " delivery.mode=durable if that happens often",
                        SqlStates.ADMIN_SHUTDOWN,
                        e);
            }
            throw e;
        }
    }

    /** Changes while no task listened are lost, unless there was no trigger yet to report them. */
    private void announceGap(SessionStart start) {
        if (loop.wasEstablished()) {
            queue.offerGap("the connection was lost");
        } else if (start.installedBefore()) {
            queue.offerGap("the task was not running");
        }
    }
}
