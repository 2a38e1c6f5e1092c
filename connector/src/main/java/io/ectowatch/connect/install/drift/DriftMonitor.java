package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.catalog.OrderRisk;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.JournalFragment;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.uninstall.OrphanedConnectors;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connector's triggers correct while a session lasts: installs them, and detects when a trigger is dropped or
 * disabled, a table is renamed or replaced, or a new table matches a pattern. Not thread-safe, except for {@link
 * #recheck}.
 */
public final class DriftMonitor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DriftMonitor.class);

    /** How often to check that the triggers are unchanged; more often if {@code table.poll.interval.ms} is shorter. */
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(5);

    /** The shortest time between two reads of the whole catalog. */
    private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long LEASE_EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    /** An attempt to install that takes longer probably waits for a lock: {@code ddl.lock.timeout.ms} can be longer. */
    private static final long LONG_ATTEMPT_NS = TimeUnit.SECONDS.toNanos(2);

    /** A read of the catalog, and the state of the triggers before it. */
    private record Reading(CatalogReader catalog, TableStates lookBefore) {}

    private final Connections connections;
    private final Provisioner provisioner;
    private final SessionLoop loop;
    private final long lookNs;
    private final OrphanedConnectors orphans;
    private final Presence presence;
    private final Drift drift;
    private final TroubledTables troubled;
    private final ReadingFailures failures;
    private final AtomicBoolean recheck = new AtomicBoolean();
    /** Null between two sessions. */
    private @Nullable InstallSession run;
    /** The replacement for the run; null unless the catalog is being read. */
    private @Nullable Reading reading;

    private long nextLook;
    private long earliestRecheck = System.nanoTime();
    private long nextPoll;
    private long nextLease = System.nanoTime();
    /**
     * True until everything that {@link #begin} found missing was tried: changes before that are not missed while
     * watching.
     */
    private boolean beginning;
    /** The tables watched so far. */
    private List<WatchedTable> tables = List.of();

    /** The tables whose triggers did not know of a risk to the order, until that is announced: not before they do. */
    private final Set<Long> riskier = new HashSet<>();

    private volatile List<String> waiting = List.of();

    public DriftMonitor(Connections connections, Provisioner provisioner, SessionLoop loop) {
        this.connections = connections;
        this.provisioner = provisioner;
        this.loop = loop;
        this.lookNs = Math.min(LOOK_NS, TimeUnit.MILLISECONDS.toNanos(provisioner.tablePollMs()));
        this.presence = new Presence(provisioner.names());
        this.drift = new Drift(provisioner.names(), provisioner.journal().isPresent());
        this.troubled = new TroubledTables(provisioner.names().connector(), provisioner.tablePollMs());
        this.failures = new ReadingFailures(provisioner.names().connector());
        this.orphans = new OrphanedConnectors(provisioner.names(), provisioner.options(), loop::pause);
    }

    /**
     * Reads the catalog and starts to install what is missing.
     *
     * @param looking a connection for checks; in autocommit mode
     */
    public void begin(Connection looking) throws SQLException, InterruptedException {
        close();
        beginning = true;
        failures.succeeded();
        presence.acquirePresenceLock(looking);
        TableStates look = drift.begin(looking);
        settle(InstallSession.begin(connections, provisioner, loop), look);
        orphans.runDueTasks(looking);
    }

    /**
     * Continues with the result of reading the catalog. The triggers' state before the result is their required state
     * from then on.
     */
    private void settle(InstallSession found, TableStates look) {
        drift.settle(found, look, found.nothingToDoBut(troubled.failed()), tables, troubled.names());
        run = found;
        tables = found.tables();
        troubled.unwatched(found.unwatched());
        nextLook = System.nanoTime() + lookNs;
        nextPoll = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(provisioner.tablePollMs());
    }

    /**
     * Runs the checks that are pending.
     *
     * @return whether the catalog was read again, so that the tables may have changed
     */
    public boolean advance(Connection looking) throws SQLException, InterruptedException {
        long now = System.nanoTime();
        drift.nothingFoundYet();
        if (provisioner.journal().isEmpty() && now - nextLease >= 0) {
            renewLease(looking);
            nextLease = now + LEASE_EVERY_NS;
        }
        if (reading != null) {
            return takeOver(reading);
        }
        InstallSession current = run();
        boolean installed = current.advance();
        beginning &= !current.tried();
        waiting = current.waiting();
        if (current.tried() && troubled.uninstalled(current.uninstalled())) {
            drift.retried();
        }
        if (installed) {
            drift.mended();
            if (drift.unseen()) {
                recheck();
            } else if (now - nextLook >= 0) {
                nextLook = now + lookNs;
                presence.acquirePresenceLock(looking);
                drift.look(looking);
            }
            // What was not announced yet stays unstored, so that the next task detects it if this one ends.
            if (riskier.isEmpty()) {
                drift.store(looking);
            }
        }
        if (drift.foundThemChanged()) {
            recheck();
        }
        boolean asked = recheck.get() && now - earliestRecheck >= 0;
        if (current.isAttempting()) {
            return false; // what is found missing now may be installed soon
        }
        if (asked || now - nextPoll >= 0) {
            recheck.set(false);
            earliestRecheck = now + RECHECK_NS;
            TableStates look = drift.look(looking);
            reading = new Reading(CatalogReader.begin(connections, provisioner, orphans, loop), look);
        }
        return false;
    }

    private boolean takeOver(Reading finished) throws SQLException, InterruptedException {
        if (!finished.catalog().done()) {
            return false;
        }
        reading = null;
        InstallSession found;
        try {
            found = finished.catalog().take();
        } catch (SQLException e) {
            failures.failed(e);
            recheck();
            return false;
        }
        failures.succeeded();
        Set<Long> more = withMoreRisks(tables(), found.tables());
        close();
        settle(found, finished.lookBefore());
        riskier.addAll(more);
        return true;
    }

    /** How often {@linkplain #advance} has to be called although nothing has happened, in nanoseconds. */
    public long intervalNs() {
        return lookNs;
    }

    /** Whether another thread reads the catalog or installs, so that {@link #advance} should be called again soon. */
    public boolean isBusy() {
        return reading != null || run != null && run.isAttempting();
    }

    /** Requests another check of catalog and triggers, for example because a trigger reported an error. Thread-safe. */
    public void recheck() {
        recheck.set(true);
    }

    /** Whether the last {@link #advance} found that triggers or their tables were changed. */
    public boolean foundThemChanged() {
        return drift.foundThemChanged();
    }

    /**
     * Whether changes may have been lost since the last call that no installation step announces: triggers were
     * disabled and enabled again, or had another definition. False until everything is correct again.
     */
    public boolean missedSome() {
        return drift.missedSome() && run().done();
    }

    /**
     * Watched tables of which changes may have been missed: their rows were replaced without calling a trigger, as by a
     * TRUNCATE that no watcher publishes; they were in trouble; or their triggers have learned of a risk to the order
     * of changes.
     */
    public List<WatchedTable> replaced() {
        if (drift.replaced().isEmpty() && riskier.isEmpty()) {
            return List.of(); // asked with each read of the journal
        }
        Set<Long> all = new HashSet<>(drift.replaced());
        if (run().done()) {
            all.addAll(riskier);
        }
        return all.isEmpty()
                ? List.of()
                : tables().stream()
                        .filter(table -> all.contains(table.shape().oid()))
                        .toList();
    }

    private static Set<Long> withMoreRisks(List<WatchedTable> before, List<WatchedTable> now) {
        Map<Long, Set<OrderRisk>> known = new HashMap<>();
        before.forEach(table -> known.put(table.shape().oid(), table.shape().risks()));
        return now.stream()
                .map(WatchedTable::shape)
                .filter(shape -> !known.getOrDefault(shape.oid(), shape.risks()).containsAll(shape.risks()))
                .map(TableShape::oid)
                .collect(Collectors.toSet());
    }

    /** Tables that are not watched any more, by their names; as they were, if this task has watched them. */
    public Map<String, Optional<WatchedTable>> departed() {
        return drift.departed();
    }

    /** Records that all of {@link #missedSome}, {@link #replaced} and {@link #departed} was announced to the consumers. */
    public void announced() {
        drift.announced(run().done());
        if (run().done()) {
            riskier.clear();
        }
    }

    /** Whether no earlier task has stored the state of the tables, or it was removed. */
    public boolean lackedStamps() {
        return drift.lackedStamps();
    }

    /**
     * Whether offsets may be committed. Before the first state is stored they may not: if the task ends then, the next one
     * has to conclude that the connector was removed and installed again, and announces a loss. Only if a table is
     * locked, the changes of the others do not wait for that.
     */
    public boolean mayPublish() {
        return drift.hasStored() || run != null && (run.tried() && !run.done() || run.hasAttemptedFor(LONG_ATTEMPT_NS));
    }

    /** How many tables are in trouble. */
    public int inTrouble() {
        return troubled.count();
    }

    /** Whether every trigger is installed, as of the last read of the catalog. */
    public boolean installed() {
        return run != null && run.done();
    }

    /** Logs why changes are not captured yet: which table is held, and by whom. Thread-safe. */
    public void warnOfWhatIsMissing() {
        String reason = String.join("; ", waiting);
        if (reason.isEmpty()) {
            reason = loop.trouble().isEmpty() ? "the database does not answer" : loop.trouble();
        }
        log.warn(
                "Connector {} starts, but does not capture all changes yet: {}{} It keeps retrying. Changes made"
                        + " until then are not captured.",
                provisioner.names().connector(),
                reason,
                reason.endsWith(".") ? "" : ".");
    }

    /** Whether every trigger is installed, and was checked since. */
    public boolean settled() {
        return run != null && run.done() && drift.settled();
    }

    /** Whether there are tables whose changes are not captured, or may not be because the check is still running. */
    public boolean lacksTriggers() {
        return !beginning && (run().lacksTriggers(troubled.failed()) || drift.underWay());
    }

    /** What the session installs; only between {@link #begin} and {@link #close}. */
    public InstallSession run() {
        return Objects.requireNonNull(run, "run");
    }

    public List<WatchedTable> tables() {
        return run().tables();
    }

    /** Renews the connector's lease. The journal's reader does so itself, and more often. */
    private void renewLease(Connection looking) throws SQLException {
        try (Statement statement = looking.createStatement()) {
            statement.execute(provisioner.names().setLease(JournalFragment.LEASE_DEFAULT));
        }
    }

    /** Ends the installation's connections, if there are any. */
    @Override
    public void close() {
        if (reading != null) {
            reading.catalog().abandon();
            reading = null;
        }
        InstallSession ended = run;
        if (ended != null) {
            ended.close();
            loop.release(ended.connection());
            run = null;
        }
    }
}
