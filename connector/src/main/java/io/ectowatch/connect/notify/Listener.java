package io.ectowatch.connect.notify;

import io.ectowatch.connect.install.InstallationRun;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(5);

    private final Connections connections;
    private final Preparation preparation;
    private final PayloadQueue queue;
    private final Layouts layouts;
    private final TaskMetrics metrics;
    private final int answerTimeoutMs;
    private final AtomicBoolean recheck = new AtomicBoolean();
    private final SessionLoop loop;
    private InstallationRun run;
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
        loop = new SessionLoop("ectowatch-listener-" + preparation.names().connector(), this::session);
    }

    void start() {
        loop.start();
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
        recheck.set(true);
    }

    private void session() throws SQLException, InterruptedException {
        Connection listening = loop.abortable(connections.openForNotifications());
        try {
            NotificationDrain drain = new NotificationDrain(listening, preparation.names(), queue, metrics);
            // First listen, then look: what changes in between is heard (PG docs, sql-listen).
            drain.listen();
            prepare(drain);
            drain.proveThatItHears(run.connection(), answerTimeoutMs);
            drain.ping(run); // what is lost from here on shows; what was lost before is part of this gap:
            announceGap();
            metrics.connect();
            loop.established();
            log.info("Listening on channel {}.", preparation.names().channel());
            drainUntilStopped(drain);
        } finally {
            settled = false;
            closeRun();
            loop.release(listening);
        }
    }

    private void drainUntilStopped(NotificationDrain drain) throws SQLException, InterruptedException {
        long earliestRecheck = System.nanoTime();
        boolean missedSome = false;
        while (!loop.isStopping()) {
            boolean done = run.advance();
            boolean missing = run.lacksTriggers();
            if (missedSome && !missing) {
                queue.offerGap("a table has been without its triggers for a while");
            }
            missedSome = missing;
            if (done && run.unnoted()) {
                recheck();
            }
            settled = done && !run.unnoted();
            if (drain.once(run)) {
                recheck();
                missedSome = true;
            }
            if (recheck.get() && System.nanoTime() - earliestRecheck >= 0) {
                recheck.set(false);
                earliestRecheck = System.nanoTime() + RECHECK_NS;
                closeRun();
                prepare(drain);
                missedSome |= run.lacksTriggers();
            }
        }
    }

    /** How the triggers looked before they were found to be in place is how they have to look from then on. */
    private void prepare(NotificationDrain drain) throws SQLException, InterruptedException {
        String triggers = drain.triggers();
        run = InstallationRun.begin(connections, preparation, loop::pause);
        loop.abortable(run.connection());
        layouts.update(run.tables(), run.formerLayouts());
        if (run.nothingToDo()) {
            run.note(triggers);
        }
    }

    private void closeRun() {
        if (run != null) {
            loop.release(run.connection());
            run = null;
        }
    }

    /** What happened while nobody listened is lost, unless there was no trigger yet to tell it. */
    private void announceGap() {
        if (loop.wasEstablished()) {
            queue.offerGap("the connection was lost");
        } else if (run.installedBefore()) {
            queue.offerGap("the task was not running");
        }
    }
}
