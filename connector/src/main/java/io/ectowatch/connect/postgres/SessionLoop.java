package io.ectowatch.connect.postgres;

import io.ectowatch.connect.log.ContextThread;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs one database session after another: when a session is lost, it waits and starts the next one. It
 * ends when it is stopped, or when only the operator can help; then {@link #failure} says what to do.
 */
public final class SessionLoop {

    private static final Logger log = LoggerFactory.getLogger(SessionLoop.class);

    private static final int JOIN_MS = 2_000;

    /**
     * A session from its connection to its end. It ends by itself only when the loop {@linkplain #isStopping stops}.
     */
    public interface Session {
        void run() throws SQLException, InterruptedException;
    }

    private final Session session;
    private final Thread thread;
    private final Retries retries;
    private final CountDownLatch stopping = new CountDownLatch(1);
    /** Open until the first session is fully working, or the thread ends. */
    private final CountDownLatch starting = new CountDownLatch(1);

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean established;
    private volatile @Nullable ConnectException failure;
    /** Why the last attempt failed; empty while a session works. */
    private volatile String trouble = "";

    public SessionLoop(String threadName, Session session) {
        this(threadName, session, Retries.LIMIT);
    }

    /** @param connections where the session gets its connections */
    public SessionLoop(String threadName, Session session, Connections connections) {
        this(threadName, session, connections.retryLimit());
    }

    /** @param limit how long errors that do not pass by themselves are retried, see {@link Retries} */
    SessionLoop(String threadName, Session session, Duration limit) {
        this.session = session;
        this.retries = new Retries(limit, System::nanoTime);
        thread = ContextThread.create(threadName, this::run);
    }

    public void start() {
        thread.start();
    }

    /** Ends the thread. Returns within two seconds, even when the network is dead. */
    public void stop() {
        stop(0);
    }

    /**
     * Like {@link #stop()}, but first gives the session the given milliseconds (at most a second) to finish cleanly,
     * then aborts its connections.
     */
    public void stop(int milliseconds) {
        stopping.countDown();
        try {
            if (milliseconds > 0) {
                thread.join(milliseconds);
            }
            connections.forEach(SessionLoop::abort);
            thread.join(JOIN_MS - milliseconds);
        } catch (InterruptedException e) {
            connections.forEach(SessionLoop::abort);
            Thread.currentThread().interrupt();
        }
    }

    public boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** Waits; returns false when the loop is being stopped. */
    public boolean pause(long milliseconds) throws InterruptedException {
        return !stopping.await(milliseconds, TimeUnit.MILLISECONDS);
    }

    /** Waits; returns false when the loop is being stopped. */
    public boolean pauseMicros(long microseconds) throws InterruptedException {
        return !stopping.await(microseconds, TimeUnit.MICROSECONDS);
    }

    /** Lets {@link #stop} abort the connection; {@linkplain #release release} it when it is no longer used. */
    public Connection abortable(Connection connection) {
        connections.add(connection);
        if (isStopping()) {
            abort(connection);
        }
        return connection;
    }

    /** Closes a connection that was {@linkplain #abortable abortable}. Null is allowed. */
    public void release(Connection connection) {
        if (connection != null) {
            connections.remove(connection);
            Connections.closeQuietly(connection);
        }
    }

    /** Records that the session works: an error from now on may pass, and the next attempt follows soon. */
    public void established() {
        established = true;
        trouble = "";
        retries.established();
    }

    /** Records that the session is fully working. */
    public void ready() {
        starting.countDown();
    }

    /**
     * Waits until a session is {@linkplain #ready ready}.
     *
     * @return false on timeout
     * @throws ConnectException when only the operator can fix the cause
     */
    public boolean awaitReady(long milliseconds) {
        try {
            boolean ready = starting.await(milliseconds, TimeUnit.MILLISECONDS);
            if (failure != null) {
                throw failure;
            }
            return ready;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Why there is no session, if the last attempt failed; else empty. */
    public String trouble() {
        return trouble;
    }

    /** Whether any session has worked so far. */
    public boolean wasEstablished() {
        return established;
    }

    /** What the operator has to fix, if the loop has given up; else null. */
    public @Nullable ConnectException failure() {
        return failure;
    }

    private void run() {
        try {
            while (!isStopping()) {
                try {
                    session.run();
                } catch (SQLException e) {
                    lost(e);
                }
            }
        } catch (ConnectException e) {
            // Connect logs it only when it polls again, which a paused task does not.
            log.error("{} ends, and the task fails: {}", thread.getName(), e.getMessage());
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Catch everything: if the thread ended silently, the task would stay RUNNING and publish nothing.
            if (!isStopping()) {
                failure = new ConnectException(
                        thread.getName() + " failed unexpectedly: " + e
                                + ". Restart the task, and report this error with its stack trace from the worker's log.",
                        e);
            }
        } finally {
            starting.countDown();
        }
    }

    /** Waits before the next attempt, or gives up when only the operator can help. */
    private void lost(SQLException e) throws InterruptedException {
        if (isStopping()) {
            return;
        }
        Failure meaning = Failure.of(e);
        if (meaning.permanent() && !established) {
            log.debug("{}: the last error", thread.getName(), e);
            throw new OperatorException(meaning.setting() + ": " + meaning.message());
        }
        Optional<String> last = retries.failed(meaning.message(), Failure.heals(e));
        if (last.isPresent()) {
            log.debug("{}: the last error", thread.getName(), e);
            throw new OperatorException(meaning.setting() + ": " + last.get());
        }
        trouble = meaning.message();
        long wait = retries.nextWait();
        if (retries.toBeMentioned(meaning.message())) {
            log.warn(
                    "{}: {} Retrying in {} ms (attempt {}).",
                    thread.getName(),
                    meaning.message(),
                    wait,
                    retries.attempts());
        } else {
            log.debug(
                    "{}: {} Retrying in {} ms (attempt {}).",
                    thread.getName(),
                    meaning.message(),
                    wait,
                    retries.attempts());
        }
        pause(wait);
    }

    /** Breaks a connection off without waiting for the thread that uses it. */
    public static void abort(Connection connection) {
        try {
            // Closes the socket without waiting for another thread that uses the connection.
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            log.debug("Could not abort a connection.", e);
        }
    }
}
