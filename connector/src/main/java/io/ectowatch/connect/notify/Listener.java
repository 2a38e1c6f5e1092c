package io.ectowatch.connect.notify;

import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.drift.DriftMonitor;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.protocol.NotifyPayload;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
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

    /** And while another thread is about to have something to go on with. */
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
            watch.begin(listening);
            layouts.update(watch.tables(), watch.run().formerLayouts());
            drain.proveThatItHears(watch.run().connection(), answerTimeoutMs);
            drain.ping(); // later losses are detected; earlier ones are part of this gap:
            announceGap();
            metrics.connect();
            loop.established();
            log.info(
                    "Listening for notifications on channel {}.",
                    provisioner.names().channel());
            drainUntilStopped(listening, drain);
        } finally {
            settled = false;
            watch.close();
            loop.release(listening);
        }
    }

    private void drainUntilStopped(Connection listening, NotificationReceiver drain)
            throws SQLException, InterruptedException {
        boolean missedSome = false;
        while (!loop.isStopping()) {
            if (watch.advance(listening)) {
                layouts.update(watch.tables(), watch.run().formerLayouts());
            }
            boolean missing = watch.lacksTriggers();
            if (missedSome && !missing) {
                queue.offerGap("a table had no triggers for a while");
            }
            missedSome = missing || watch.foundThemChanged();
            List<WatchedTable> replaced = watch.replaced();
            Collection<Optional<WatchedTable>> departed = watch.departed().values();
            watch.announced();
            settled = watch.settled();
            metrics.tables(watch.tables().size(), watch.inTrouble());
            if (watch.installed()) {
                loop.ready();
            }
            receive(drain, watch.isBusy());
            // After the changes that were committed before. If the connection is lost instead, every table gets a
            // resync.
            replaced.forEach(table -> queue.offer(NotifyPayload.gap(table.layout())));
            departed.forEach(
                    table -> table.map(gone -> NotifyPayload.gap(gone.layout())).ifPresent(queue::offer));
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
    private void announceGap() {
        if (loop.wasEstablished()) {
            queue.offerGap("the connection was lost");
        } else if (watch.run().installedBefore()) {
            queue.offerGap("the task was not running");
        }
    }
}
