package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.JournalFragment;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connector's triggers as they have to be while a session lasts: installs them, and notices when somebody drops
 * or disables one, renames or replaces a table, or makes a table that a pattern matches. Belongs to one thread, but for
 * {@link #recheck}.
 */
public final class InstallationWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(InstallationWatch.class);

    /** How often to look whether the triggers are still as they were; more often where tables are looked for more often. */
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(5);

    /** Between two looks at the whole catalog, whatever the reason. */
    private static final long RECHECK_NS = TimeUnit.SECONDS.toNanos(1);

    private static final int MOST_NAMED = 20;

    private static final long LEASE_EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    private final Connections connections;
    private final Preparation preparation;
    private final SessionLoop loop;
    private final long lookNs;
    private final Leftovers leftovers;
    private final Presence presence;
    private final Stamps stamps;
    private final AtomicBoolean recheck = new AtomicBoolean();
    private InstallationRun run;
    /** What is to take the run's place; null unless the catalog is being read. */
    private CatalogReading reading;
    /** How the triggers looked before that. */
    private Look lookBefore;

    private long nextLook;
    private long earliestRecheck = System.nanoTime();
    private long nextPoll;
    private long nextLease = System.nanoTime();
    private boolean foundThemChanged;
    /** How the triggers of each table looked last; null as long as that is only about to be what it should be. */
    private Look lastSeen;
    /** What of it is stored in the database; null for nothing. */
    private Look stored;

    private boolean begun;
    /** Until what {@link #begin} found missing has been tried: what a trigger missed before is not missed while watching. */
    private boolean beginning;

    private boolean lackedStamps;
    /** The tables whose triggers have looked otherwise, until it is known what is to be done about it. */
    private final Set<Long> changed = new HashSet<>();

    /** Whether what somebody has changed may not be as it has to be yet. */
    private boolean mending;

    private boolean missedSome;
    /** The tables whose rows were replaced without a trigger, until that is announced. */
    private final Set<Long> replaced = new HashSet<>();

    private volatile List<String> waiting = List.of();

    public InstallationWatch(Connections connections, Preparation preparation, SessionLoop loop) {
        this.connections = connections;
        this.preparation = preparation;
        this.loop = loop;
        this.lookNs = Math.min(LOOK_NS, TimeUnit.MILLISECONDS.toNanos(preparation.tablePollMs()));
        this.presence = new Presence(preparation.names());
        this.stamps = new Stamps(preparation.names());
        this.leftovers = new Leftovers(preparation.names(), preparation.options(), loop::pause);
    }

    /**
     * Reads the catalog and begins to install what is missing.
     *
     * @param looking a connection to look with; in autocommit
     */
    public void begin(Connection looking) throws SQLException, InterruptedException {
        close();
        beginning = true;
        presence.comeIn(looking);
        Look look = stamps.read(looking);
        if (!begun && keepsStamps()) {
            stored = stamps.stored(looking);
            lastSeen = stored;
            lackedStamps = stored == null;
            begun = true;
        }
        compare(look);
        settle(InstallationRun.begin(connections, preparation, loop), look);
        leftovers.tend(looking);
    }

    /**
     * Goes on with what has been found in the catalog. How the triggers looked before they were found to be in place is
     * how they have to look from then on.
     */
    private void settle(InstallationRun found, Look look) {
        run = found;
        lastSeen = run.nothingToDo() ? look : null;
        missedSome |= run.tables().stream()
                .map(table -> table.shape().oid())
                .anyMatch(table -> changed.contains(table) && !run.announces(table));
        replaced.removeIf(table -> run.announces(table)
                || run.tables().stream().noneMatch(watched -> watched.shape().oid() == table));
        mending |= !changed.isEmpty();
        changed.clear();
        nextLook = System.nanoTime() + lookNs;
        nextPoll = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(preparation.tablePollMs());
    }

    /**
     * Does what is due.
     *
     * @return whether the catalog has been read again, and so the tables may be others
     */
    public boolean advance(Connection looking) throws SQLException, InterruptedException {
        long now = System.nanoTime();
        foundThemChanged = false;
        if (preparation.journal().isEmpty() && now - nextLease >= 0) {
            renewLease(looking);
            nextLease = now + LEASE_EVERY_NS;
        }
        if (reading != null) {
            return takeOver();
        }
        boolean installed = run.advance();
        beginning &= !run.tried();
        waiting = run.waiting();
        if (installed) {
            mending = false;
            if (lastSeen == null) {
                recheck();
            } else if (now - nextLook >= 0) {
                nextLook = now + lookNs;
                presence.comeIn(looking);
                compare(stamps.read(looking));
            }
            store(looking);
        }
        if (foundThemChanged) {
            recheck();
        }
        boolean asked = recheck.get() && now - earliestRecheck >= 0;
        if (run.isAttempting()) {
            return false; // what is found now may be done in a moment
        }
        if (asked || now - nextPoll >= 0) {
            recheck.set(false);
            earliestRecheck = now + RECHECK_NS;
            lookBefore = stamps.read(looking);
            compare(lookBefore);
            reading = CatalogReading.begin(connections, preparation, leftovers, loop);
        }
        return false;
    }

    private boolean takeOver() throws SQLException, InterruptedException {
        if (!reading.done()) {
            return false;
        }
        CatalogReading finished = reading;
        reading = null;
        InstallationRun found = finished.take();
        close();
        settle(found, lookBefore);
        return true;
    }

    /** How often there is something to {@linkplain #advance do} although nothing has happened, in nanoseconds. */
    public long intervalNs() {
        return lookNs;
    }

    /** Whether another thread is reading the catalog or installing, so that there is soon more to {@linkplain #advance do}. */
    public boolean isBusy() {
        return reading != null || run != null && run.isAttempting();
    }

    /** Asks for another look at catalog and triggers, for instance because a trigger reported trouble. Thread-safe. */
    public void recheck() {
        recheck.set(true);
    }

    /** Whether the last {@link #advance} found that somebody has changed triggers or their tables. */
    public boolean foundThemChanged() {
        return foundThemChanged;
    }

    /**
     * Whether changes may have been missed, since the last call, of which no step of the installation tells: triggers have
     * been disabled and enabled again, or did something else. Not before all is as it has to be.
     */
    public boolean missedSome() {
        return missedSome && run.done();
    }

    /** Watched tables whose rows were replaced while their triggers were not called, as by a TRUNCATE that nobody watches. */
    public List<WatchedTable> replaced() {
        return replaced.isEmpty()
                ? List.of()
                : tables().stream()
                        .filter(table -> replaced.contains(table.shape().oid()))
                        .toList();
    }

    /** Says that all of {@link #missedSome} and {@link #replaced} has been announced to the consumers. */
    public void announced() {
        missedSome &= !run.done();
        replaced.clear();
    }

    /** Whether no task before has noted how the tables looked, or somebody has removed the note. */
    public boolean lackedStamps() {
        return lackedStamps;
    }

    private boolean keepsStamps() {
        return preparation.journal().isPresent();
    }

    /** What has not been announced yet must still be found by the next task, should this one end. */
    private void store(Connection looking) throws SQLException {
        if (keepsStamps()
                && lastSeen != null
                && !lastSeen.equals(stored)
                && !missedSome
                && replaced.isEmpty()
                && changed.isEmpty()) {
            stamps.store(looking, lastSeen);
            stored = lastSeen;
        }
    }

    /** Whether every trigger has been made, as far as the last look at the catalog knows. */
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
                "Connector {} starts although it does not capture all changes yet: {}. It goes on trying; changes made"
                        + " before that are not captured.",
                preparation.names().connector(),
                reason);
    }

    /** Whether every trigger is in place, and has been looked at since. */
    public boolean settled() {
        return run != null
                && run.done()
                && lastSeen != null
                && changed.isEmpty()
                && (!keepsStamps() || lastSeen.equals(stored));
    }

    /** Whether there are tables whose changes are not reported, or may not be: that is still being found out. */
    public boolean lacksTriggers() {
        return !beginning && (run.lacksTriggers() || mending || !changed.isEmpty());
    }

    public InstallationRun run() {
        return run;
    }

    public List<WatchedTable> tables() {
        return run.tables();
    }

    /** Says that the connector is still there. The journal's reader does so itself, and more often. */
    private void renewLease(Connection looking) throws SQLException {
        try (Statement statement = looking.createStatement()) {
            statement.execute(preparation.names().setLease(JournalFragment.LEASE_DEFAULT));
        }
    }

    private void compare(Look look) {
        if (lastSeen == null || lastSeen.equals(look)) {
            return;
        }
        Set<Long> otherTriggers = lastSeen.changedTriggers(look);
        foundThemChanged |= !otherTriggers.isEmpty();
        changed.addAll(otherTriggers);
        Set<Long> otherRows = lastSeen.replacedRows(look);
        replaced.addAll(otherRows);
        warnOf(otherTriggers, "it, its triggers or their functions were changed or made anew");
        warnOf(otherRows, "its rows were replaced without a trigger being called, as by TRUNCATE or VACUUM FULL");
        lastSeen = look;
    }

    private void warnOf(Set<Long> tables, String reason) {
        if (!tables.isEmpty()) {
            log.warn(
                    "Connector {}: {} of its tables (OIDs {}): {}. A resync record follows where changes may have been"
                            + " missed.",
                    preparation.names().connector(),
                    tables.size(),
                    tables.stream().sorted().limit(MOST_NAMED).toList(),
                    reason);
        }
    }

    /** Ends the installation's connections, if there are any. */
    @Override
    public void close() {
        if (reading != null) {
            reading.abandon();
            reading = null;
        }
        if (run != null) {
            run.close();
            loop.release(run.connection());
            run = null;
        }
    }
}
