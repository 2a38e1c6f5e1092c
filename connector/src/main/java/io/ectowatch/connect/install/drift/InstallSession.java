package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.Trouble;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.PoolerCheck;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** A running installation, with the connection that it needs until it is done. */
final class InstallSession implements AutoCloseable {

    /** Between two attempts for a locked table: each may make writers wait for the length of {@code ddl.lock.timeout.ms}. */
    private static final long ATTEMPT_NS = TimeUnit.SECONDS.toNanos(2);

    private final String thread;
    private final Connection connection;
    private final Provisioner.Prepared prepared;
    /** The current attempt; null between two. A lock may delay it by {@code ddl.lock.timeout.ms} for each table. */
    private @Nullable Future<Boolean> attempt;

    private long attemptBegan;
    private boolean done;
    private boolean tried;
    private long nextAttempt = System.nanoTime();

    private InstallSession(String thread, Connection connection, Provisioner.Prepared prepared) {
        this.thread = thread;
        this.connection = connection;
        this.prepared = prepared;
    }

    /**
     * Opens a connection and determines what has to be done.
     *
     * @param loop may abort the connection at any time, and releases it in the end
     * @param other another open connection, to find out whether each has a session of its own; null if they are known to
     * @throws ConnectException if the user has to fix something
     * @throws SQLException if a retry may help
     */
    static InstallSession begin(
            Connections connections, Provisioner provisioner, SessionLoop loop, @Nullable Connection other)
            throws SQLException, InterruptedException {
        Connection connection = loop.abortable(connections.open());
        try {
            if (other != null) {
                PoolerCheck.check(other, connection);
            }
            return new InstallSession(
                    "ectowatch-install-" + provisioner.names().connector(),
                    connection,
                    provisioner.prepare(connection, loop::pause));
        } catch (SQLException | RuntimeException | InterruptedException e) {
            loop.release(connection);
            throw e;
        }
    }

    /**
     * Starts an attempt of the remaining steps in its own thread, if it is time; closes the connection when
     * everything is done. Returns at once.
     *
     * @return whether everything is done
     * @throws SQLException if an attempt failed for another reason than a lock
     */
    boolean advance() throws SQLException, InterruptedException {
        if (done) {
            return true;
        }
        if (attempt == null) {
            if (nothingToDo()) {
                tried = true;
                done = true;
                close();
            } else if (System.nanoTime() - nextAttempt >= 0) {
                attemptBegan = System.nanoTime();
                attempt = Background.start(thread, () -> prepared.installation().advance(connection));
            }
        } else if (attempt.isDone()) {
            Future<Boolean> finished = attempt;
            attempt = null;
            done = Background.result(finished);
            tried = true;
            nextAttempt = System.nanoTime() + ATTEMPT_NS;
            if (done) {
                close();
            }
        }
        return done;
    }

    /** Whether every step has been tried. */
    boolean tried() {
        return tried;
    }

    /** Whether an attempt is running. */
    boolean isAttempting() {
        return attempt != null;
    }

    /** Whether the running attempt has taken longer than that, in nanoseconds: it probably waits for a lock. */
    boolean hasAttemptedFor(long nanoseconds) {
        return attempt != null && System.nanoTime() - attemptBegan >= nanoseconds;
    }

    List<WatchedTable> tables() {
        return prepared.tables();
    }

    /** Why further tables cannot be watched now, by their names. */
    Map<String, String> unwatched() {
        return prepared.troubles();
    }

    /** Tables that were watched and that no pattern matches any more, by their names. */
    Set<String> left() {
        return prepared.left();
    }

    /** What could not be installed so far, by what it was to do. */
    Map<String, Trouble> uninstalled() {
        return prepared.installation().troubles();
    }

    /** The tables, as {@code schema.table}, that this connector had triggers on before. */
    Set<String> formerTables() {
        return prepared.installation().formerTables();
    }

    Map<String, String> formerLayouts() {
        return prepared.installation().formerLayouts();
    }

    /** Whether this connector had triggers on any of the tables before. */
    boolean installedBefore() {
        return prepared.tables().stream().anyMatch(table -> prepared.installation()
                .formerTables()
                .contains(table.shape().name().toString()));
    }

    /** Whether this connector had any triggers before. */
    boolean installedAnything() {
        return !prepared.installation().formerTables().isEmpty();
    }

    /** The OIDs of tables on which triggers were created since this was last called. */
    Set<Long> takeTablesWithNewTriggers() {
        return prepared.installation().takeTablesWithNewTriggers();
    }

    /**
     * Whether a resync for changes that a watched table's triggers may have missed is announced when they are created
     * again.
     */
    boolean announces(long tableOid) {
        return prepared.installation().makesTriggersOn(tableOid);
    }

    /** Whether triggers or functions of that table are still to be created or replaced. */
    boolean corrects(WatchedTable table) {
        return prepared.installation().concerns(table.shape().oid());
    }

    /** Whether triggers of that table are missing. */
    boolean lacksTriggersOn(long tableOid) {
        return prepared.installation().lacksTriggersOn(tableOid);
    }

    /** How many tables lack triggers. */
    int withoutTriggers() {
        return prepared.installation().triggersAreMissing()
                ? (int) tables().stream()
                        .filter(table -> lacksTriggersOn(table.shape().oid()))
                        .count()
                : 0;
    }

    /** The steps that could not be done yet, each with the reason. */
    List<String> waiting() {
        return prepared.installation().waiting();
    }

    /** Whether all was in place already, but for steps that have failed before. */
    boolean nothingToDoBut(Set<String> failed) {
        return prepared.installation().doneBut(failed);
    }

    /** Whether all was in place already. */
    boolean nothingToDo() {
        return prepared.installation().done();
    }

    boolean done() {
        return done;
    }

    Connection connection() {
        return connection;
    }

    @Override
    public void close() {
        if (attempt != null) {
            SessionLoop.abort(connection);
        }
        Connections.closeQuietly(connection);
    }
}
