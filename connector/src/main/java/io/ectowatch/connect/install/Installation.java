package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a connector's triggers to what its configuration asks for, table by table. A table that is locked delays only
 * itself: {@link #advance} is called again until nothing is left to do, by one thread at a time; any may ask.
 */
public final class Installation {

    private static final Logger log = LoggerFactory.getLogger(Installation.class);

    private final Installer installer;
    /** Replaced as a whole: another thread than the one that advances may ask. */
    private volatile List<Step> pending;

    private final Set<String> reportedObstacles = new HashSet<>();
    private volatile List<String> waiting = List.of();
    private final Map<String, String> formerLayouts = new HashMap<>();
    private final Set<String> formerTables = new HashSet<>();
    private boolean late;

    private Installation(Installer installer, Collection<Step> pending, Collection<InstalledFunction> former) {
        this.installer = installer;
        this.pending = List.copyOf(pending);
        for (InstalledFunction function : former) {
            formerLayouts.put(function.marker().layout(), function.marker().table());
            formerTables.add(function.marker().table());
        }
        late = !formerTables.isEmpty();
    }

    /** Waits a moment between two looks at a lock; returns false when the task is being stopped. */
    public interface Pause {
        boolean forMillis(long milliseconds) throws InterruptedException;
    }

    /**
     * Makes the schema and sequences where they are missing, and works out what else is to be done.
     *
     * @param connection in autocommit
     * @param journal for durable delivery; empty for notify
     * @param options how it is to be done
     * @throws SQLException when the database refuses; nothing is half done
     */
    public static Installation begin(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallOptions options,
            Pause pause)
            throws SQLException, InterruptedException {
        Installer installer = new Installer(names.schema(), options.lockTimeoutMs(), pause);
        Requirements requirements = Requirements.read(connection, names, journal, tables, options);
        Collection<InstalledFunction> former = requirements.installed();
        for (Optional<Step> missing = requirements.missingFoundation();
                missing.isPresent();
                missing = requirements.missingFoundation()) {
            Preparation.refuse(requirements.problems());
            boolean othersTurn = installer.run(connection, missing.get()).isPresent();
            if (othersTurn && !pause.forMillis(options.lockTimeoutMs())) {
                throw new InterruptedException("the task is stopping");
            }
            requirements = Requirements.read(connection, names, journal, tables, options);
        }
        Preparation.refuse(requirements.problems());
        return new Installation(installer, requirements.missing(), former);
    }

    /** What is there, with nothing to be done about it. */
    static Installation found(Connection connection, ObjectNames names, InstallOptions options, Pause pause)
            throws SQLException {
        return new Installation(
                new Installer(names.schema(), options.lockTimeoutMs(), pause),
                List.of(),
                InstalledFunction.readAll(connection, names).values());
    }

    /**
     * Tries every step that is still to be done, once.
     *
     * @return true when nothing is left
     * @throws SQLException when a step failed for another reason than a lock
     */
    public boolean advance(Connection connection) throws SQLException, InterruptedException {
        // Triggers that come later than the connector's first ones may have missed something.
        boolean announcing = late;
        late = true;
        List<String> obstacles = new ArrayList<>();
        for (Step step : pending) {
            Optional<String> obstacle = installer.run(connection, announcing ? step.announcing() : step);
            if (obstacle.isEmpty()) {
                pending = pending.stream().filter(other -> other != step).toList();
            } else {
                obstacles.add(step.purpose() + ": " + obstacle.get());
                if (reportedObstacles.add(step.purpose())) {
                    log.warn(
                            "Waiting to {}: {}. Trying again until it can be done; changes of this table are not"
                                    + " reported until then.",
                            step.purpose(),
                            obstacle.get());
                }
            }
        }
        waiting = obstacles;
        return pending.isEmpty();
    }

    /** What could not be done at the last attempt, each with the reason. */
    List<String> waiting() {
        return waiting;
    }

    /** Whether there are tables whose changes are not reported before {@link #advance} has made their triggers. */
    public boolean lacksTriggers() {
        return pending.stream().anyMatch(Step::createsTriggers);
    }

    /** Whether {@link #advance} has yet to make triggers on that table. */
    boolean makesTriggersOn(long tableOid) {
        return pending.stream().anyMatch(step -> step.createsTriggersOn(tableOid));
    }

    /** Whether nothing is left to do. */
    boolean done() {
        return pending.isEmpty();
    }

    /** The tables, as {@code schema.table}, that this connector had triggers on before. */
    public Set<String> formerTables() {
        return formerTables;
    }

    /** What the functions found in the database send: the table, as {@code schema.table}, of each layout. */
    public Map<String, String> formerLayouts() {
        return formerLayouts;
    }
}
