package io.ectowatch.connect.notify;

import io.ectowatch.connect.install.InstallationRun;
import io.ectowatch.connect.install.Preparation;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Backoff;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
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
final class Listener implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    private static final int JOIN_MS = 2_000;
    private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(5);

    private final Connections connections;
    private final Preparation preparation;
    private final PayloadQueue queue;
    private final Layouts layouts;
    private final TaskMetrics metrics;
    private final int answerTimeoutMs;
    private final Backoff backoff = new Backoff();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicBoolean recheck = new AtomicBoolean();
    private final Thread thread;
    private volatile Connection listening;
    private volatile InstallationRun run;
    private volatile ConnectException failure;
    private volatile boolean settled;
    private boolean listenedBefore;

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
        thread = new Thread(this, "ectowatch-listener-" + preparation.names().connector());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends the thread; returns within two seconds, also when the network is dead. */
    void stop() {
        stopping.countDown();
        abort(listening);
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

    /** What the operator has to mend, if the thread has given up; else null. */
    ConnectException failure() {
        return failure;
    }

    /** Whether it listens, and all triggers are installed. */
    boolean settled() {
        return settled;
    }

    /** Asks for another look at catalog and triggers, for instance because a trigger reported trouble. */
    void recheck() {
        recheck.set(true);
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
        } catch (RuntimeException | Error e) {
            // Whatever it is: a thread that ends without a word would leave a task that runs and delivers nothing.
            if (!isStopping()) {
                failure = new ConnectException("The listener failed unexpectedly: " + e, e);
            }
        }
    }

    private void session() throws SQLException, InterruptedException {
        try {
            listening = connections.openForNotifications();
            NotificationDrain drain = new NotificationDrain(listening, preparation.names(), queue, metrics);
            // First listen, then look: what changes in between is heard (PG docs, sql-listen).
            drain.listen();
            prepare();
            drain.proveThatItHears(run.connection(), answerTimeoutMs);
            drain.ping(run); // what is lost from here on shows; what was lost before is part of this gap:
            announceGap();
            metrics.connect();
            backoff.succeeded();
            log.info("Listening on channel {}.", preparation.names().channel());
            drainUntilStopped(drain);
        } finally {
            settled = false;
            Connections.closeQuietly(run);
            Connections.closeQuietly(listening);
        }
    }

    private void drainUntilStopped(NotificationDrain drain) throws SQLException, InterruptedException {
        long earliestRecheck = System.nanoTime();
        boolean missedSome = false;
        while (!isStopping()) {
            boolean done = run.advance();
            boolean missing = run.lacksTriggers();
            if (missedSome && !missing) {
                queue.offerGap("a table has been without its triggers for a while");
            }
            missedSome = missing;
            settled = done;
            if (drain.once(run)) {
                recheck();
                missedSome = true;
            }
            if (recheck.get() && System.nanoTime() - earliestRecheck >= 0) {
                recheck.set(false);
                earliestRecheck = System.nanoTime() + RECHECK_NS;
                run.close();
                prepare();
                missedSome |= run.lacksTriggers();
            }
        }
    }

    private void prepare() throws SQLException, InterruptedException {
        run = InstallationRun.begin(connections, preparation, this::pause);
        layouts.update(run.tables(), run.formerLayouts());
    }

    /** What happened while nobody listened is lost, unless there was no trigger yet to tell it. */
    private void announceGap() {
        if (listenedBefore) {
            queue.offerGap("the connection was lost");
        } else if (run.installedBefore()) {
            queue.offerGap("the task was not running");
        }
        listenedBefore = true;
    }

    /** Waits before the next attempt, or gives up when only the operator can help. */
    private void connectionFailed(SQLException e) throws InterruptedException {
        if (isStopping()) {
            return;
        }
        Failure meaning = Failure.of(e);
        if (meaning.permanent() && !listenedBefore) {
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
