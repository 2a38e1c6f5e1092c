package io.ectowatch.connect.notify;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.install.InstallationWatch;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.record.ChangeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps listening, whatever happens: connects, listens, installs, drains the socket into the queue, and
 * begins anew when the connection is lost. A task that is paused is not told so by Connect and stops polling; the socket
 * must be drained all the same, or else the notifications fill the server's queue.
 */
final class Listener {

    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    /** What the server cannot convert, or finds invalid. */
    private static final Set<String> NOT_UTF8 = Set.of("22P05", "22021");

    private static final String SESSION_ENDED = "57P01";

    /** The longest wait for a notification; {@code getNotifications(0)} would wait for ever on a dead network. */
    private static final int WAIT_MS = 500;

    /** And while another thread is about to have something to go on with. */
    private static final int BUSY_WAIT_MS = 5;

    private final Connections connections;
    private final Preparation preparation;
    private final PayloadQueue queue;
    private final Layouts layouts;
    private final TaskMetrics metrics;
    private final int answerTimeoutMs;
    private final SessionLoop loop;
    private final InstallationWatch watch;
    private volatile boolean settled;

    Listener(
            Connections connections,
            Preparation preparation,
            PayloadQueue queue,
            Layouts layouts,
            TaskMetrics metrics,
            int answerTimeoutMs) {
        this.connections = connections;
        this.preparation = preparation;
        this.queue = queue;
        this.layouts = layouts;
        this.metrics = metrics;
        this.answerTimeoutMs = answerTimeoutMs;
        loop = new SessionLoop("ectowatch-listener-" + preparation.names().connector(), this::session, connections);
        watch = new InstallationWatch(connections, preparation, loop);
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
        loop.stop();
    }

    /** What the operator has to mend, if the thread has given up; else null. */
    ConnectException failure() {
        return loop.failure();
    }

    /** Whether it listens, and all triggers are installed. */
    boolean settled() {
        return settled;
    }

    /** Asks for another look at catalog and triggers, for instance because a trigger reported trouble. */
    void recheck() {
        watch.recheck();
    }

    private void session() throws SQLException, InterruptedException {
        Connection listening = loop.abortable(connections.openForNotifications());
        try {
            NotificationDrain drain = new NotificationDrain(listening, preparation.names(), queue, metrics);
            // First listen, then look: what changes in between is heard (PG docs, sql-listen).
            drain.listen();
            watch.begin(listening);
            layouts.update(watch.tables(), watch.run().formerLayouts());
            drain.proveThatItHears(watch.run().connection(), answerTimeoutMs);
            drain.ping(); // what is lost from here on shows; what was lost before is part of this gap:
            announceGap();
            metrics.connect();
            loop.established();
            log.info("Listening on channel {}.", preparation.names().channel());
            drainUntilStopped(listening, drain);
        } finally {
            settled = false;
            watch.close();
            loop.release(listening);
        }
    }

    private void drainUntilStopped(Connection listening, NotificationDrain drain)
            throws SQLException, InterruptedException {
        boolean missedSome = false;
        while (!loop.isStopping()) {
            if (watch.advance(listening)) {
                layouts.update(watch.tables(), watch.run().formerLayouts());
            }
            boolean missing = watch.lacksTriggers();
            if (missedSome && !missing) {
                queue.offerGap("a table has been without its triggers for a while");
            }
            missedSome = missing || watch.foundThemChanged();
            List<WatchedTable> replaced = watch.replaced();
            watch.announced();
            settled = watch.settled();
            if (watch.installed()) {
                loop.ready();
            }
            receive(drain, watch.isBusy());
            // After what was committed before; if the connection is lost instead, every table gets a resync.
            replaced.forEach(table -> queue.offer(PayloadReader.gap(table)));
        }
    }

    /**
     * PostgreSQL ends a session that it cannot send a notification to: the next one says what has been missed. That is no
     * error that has to be mended, however often it comes back.
     */
    private static void receive(NotificationDrain drain, boolean busy) throws SQLException {
        try {
            drain.once(busy ? BUSY_WAIT_MS : WAIT_MS);
        } catch (SQLException e) {
            if (NOT_UTF8.contains(String.valueOf(e.getSQLState()))) {
                throw new SQLException(
                        "a notification has a text that is not valid UTF-8, so that PostgreSQL ends the session; use"
                                + " delivery.mode=durable where that happens often",
                        SESSION_ENDED,
                        e);
            }
            throw e;
        }
    }

    /** What happened while nobody listened is lost, unless there was no trigger yet to tell it. */
    private void announceGap() {
        if (loop.wasEstablished()) {
            queue.offerGap("the connection was lost");
        } else if (watch.run().installedBefore()) {
            queue.offerGap("the task was not running");
        }
    }
}
