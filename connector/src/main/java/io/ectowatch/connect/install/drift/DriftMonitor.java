package io.ectowatch.connect.install.drift;

import io.ectowatch.connect.config.JournalFragment;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.install.uninstall.OrphanedConnectors;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connector's triggers correct while a session lasts: installs them, and detects when a trigger is dropped or
 * disabled, a table is renamed or replaced, or a new table matches a pattern. Between {@link #begin} and {@link #close}
 * the session calls {@link #advance} again and again. Not thread-safe, except for {@link #recheck} and {@link
 * #warnOfWhatIsMissing}.
 */
public final class DriftMonitor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DriftMonitor.class);

    /** An attempt to install that takes longer probably waits for a lock: {@code ddl.lock.timeout.ms} can be longer. */
    private static final long LONG_ATTEMPT_NS = TimeUnit.SECONDS.toNanos(2);

    /** A read of the catalog, and the state of the triggers before it. */
    private record Reading(CatalogReader catalog, TableStates lookBefore) {}

    private final Connections connections;
    private final Provisioner provisioner;
    private final SessionLoop loop;
    private final CheckSchedule schedule;
    private final OrphanedConnectors orphans;
    private final KnownProblems problems;
    private final Presence presence;
    private final Drift drift;
    private final TroubledTables troubled;
    private final ReadingFailures failures;
    private final NewOrderRisks newRisks = new NewOrderRisks();
    /** Null between two sessions. */
    private @Nullable InstallSession run;
    /** The replacement for the run; null unless the catalog is being read. */
    private @Nullable Reading reading;

    /**
     * True until everything that {@link #begin} found missing was tried: changes before that are not missed while
     * watching.
     */
    private boolean beginning;
    /** The tables watched so far. */
    private List<WatchedTable> tables = List.of();

    private volatile List<String> waiting = List.of();

    public DriftMonitor(Connections connections, Provisioner provisioner, SessionLoop loop) {
        this.connections = connections;
        this.provisioner = provisioner;
        this.loop = loop;
        this.schedule = new CheckSchedule(provisioner.tablePollMs());
        this.presence = new Presence(provisioner.names());
        this.drift = new Drift(provisioner.names(), provisioner.journal().isPresent());
        this.troubled = new TroubledTables(provisioner.names().connector(), provisioner.tablePollMs());
        this.failures = new ReadingFailures(provisioner.names().connector());
        this.problems = new KnownProblems(provisioner.names());
        this.orphans = new OrphanedConnectors(provisioner.names(), provisioner.options(), loop::pause);
    }

    /**
     * Reads the catalog, and determines what is missing; {@link #advance} installs it.
     *
     * @param looking a connection for checks; in autocommit mode
     */
    public SessionStart begin(Connection looking) throws SQLException, InterruptedException {
        close();
        beginning = true;
        failures.succeeded();
        presence.acquirePresenceLock(looking);
        TableStates look = drift.begin(looking);
        InstallSession found = InstallSession.begin(connections, provisioner, loop, looking);
        settle(found, look);
        orphans.runDueTasks(looking);
        return new SessionStart(
                found.tables(),
                found.formerLayouts(),
                found.installedBefore(),
                found.installedAnything(),
                drift.lackedStamps(),
                found.connection());
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
        schedule.catalogTaken();
    }

    /** Runs the checks that are pending, and continues the installation. Returns at once. */
    public DriftReport advance(Connection looking) throws SQLException, InterruptedException {
        drift.nothingFoundYet();
        if (provisioner.journal().isEmpty() && schedule.leaseIsPending()) {
            renewLease(looking);
            schedule.leaseRenewed();
        }
        boolean reread = false;
        if (reading != null) {
            reread = takeOver(reading);
        } else {
            install(looking);
        }
        return report(reread);
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
        newRisks.add(tables, found.tables());
        close();
        settle(found, finished.lookBefore());
        return true;
    }

    private void install(Connection looking) throws SQLException, InterruptedException {
        InstallSession current = run();
        boolean installed = current.advance();
        Set<Long> withNewTriggers = current.takeTablesWithNewTriggers();
        if (!beginning) {
            drift.lateTriggers(withNewTriggers);
        }
        beginning &= !current.tried();
        waiting = current.waiting();
        if (current.tried() && troubled.uninstalled(current.uninstalled())) {
            drift.retried();
        }
        if (installed) {
            problems.logAtStart(looking);
            check(looking);
        }
        if (drift.foundThemChanged()) {
            recheck();
        }
        // What is found missing during an attempt may be installed soon.
        if (!current.isAttempting() && schedule.catalogIsPending()) {
            TableStates look = drift.look(looking);
            reading = new Reading(CatalogReader.begin(connections, provisioner, orphans, problems, loop), look);
        }
    }

    private void check(Connection looking) throws SQLException {
        if (drift.unseen()) {
            recheck();
        } else if (schedule.lookIsPending()) {
            presence.acquirePresenceLock(looking);
            drift.look(looking);
        }
        // What was not announced yet stays unstored, so that the next task detects it if this one ends.
        if (newRisks.tables().isEmpty()) {
            drift.store(looking);
        }
    }

    private DriftReport report(boolean reread) {
        InstallSession current = run();
        boolean installed = current.done();
        return new DriftReport(
                tables,
                current.formerLayouts(),
                reread,
                new DriftReport.Progress(
                        installed,
                        installed && drift.settled(),
                        reading != null || current.isAttempting(),
                        drift.hasStored() || current.tried() && !installed || current.hasAttemptedFor(LONG_ATTEMPT_NS),
                        troubled.count(),
                        current.withoutTriggers()),
                new DriftReport.Losses(installed && drift.missedSome(), replaced(installed), drift.departed()));
    }

    private List<WatchedTable> replaced(boolean installed) {
        if (drift.replaced().isEmpty()
                && drift.corrected().isEmpty()
                && newRisks.tables().isEmpty()) {
            return List.of(); // asked with each read of the journal
        }
        Set<Long> all = new HashSet<>(drift.replaced());
        if (installed) {
            all.addAll(newRisks.tables());
            all.addAll(drift.corrected());
        }
        return tables.stream()
                .filter(table -> all.contains(table.shape().oid()))
                .toList();
    }

    /** Records that all losses of the last report, which is this one, were announced to the consumers. */
    public void announced(DriftReport report) {
        boolean installed = report.progress().installed();
        drift.announced(installed);
        if (installed) {
            newRisks.announced();
        }
    }

    /** Records that a resync of every watched table was announced: what {@link #begin} has found needs no other. */
    public void announcedEveryTable() {
        drift.announcedEveryTable(run().nothingToDo());
    }

    /** How often {@linkplain #advance} has to be called although nothing has happened, in nanoseconds. */
    public long intervalNs() {
        return schedule.lookNs();
    }

    /** Requests another check of catalog and triggers, for example because a trigger reported an error. Thread-safe. */
    public void recheck() {
        schedule.recheck();
    }

    /** The tables watched so far: as the catalog was last read. */
    public List<WatchedTable> tables() {
        return tables;
    }

    /** Logs why changes are not captured yet: which table is held, and by whom. Thread-safe. */
    public void warnOfWhatIsMissing() {
        String reason = String.join("; ", waiting);
        if (reason.isEmpty()) {
            reason = loop.trouble().isEmpty() ? "the database does not answer" : loop.trouble();
        }
        log.warn(
                "Connector {} starts, but does not capture all changes yet: {} It keeps retrying. Changes made"
                        + " until then are not captured.",
                provisioner.names().connector(),
                Failure.sentence(reason));
    }

    /** Whether the table's triggers exist, as of the last read of the catalog. */
    public boolean captures(WatchedTable table) {
        return run != null && !run.lacksTriggersOn(table.shape().oid());
    }

    private InstallSession run() {
        return Objects.requireNonNull(run, "advance is called between begin and close");
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
