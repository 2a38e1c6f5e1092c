package io.ectowatch.connect.install;

import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.InstalledFunction;
import io.ectowatch.connect.install.plan.Installer;
import io.ectowatch.connect.install.plan.Pause;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
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
 * Brings a connector's triggers to the state that its configuration requires, table by table. A locked table delays
 * only itself: {@link #advance} is called again until nothing is left to do, by one thread at a time; any thread may
 * query the state.
 */
public final class PendingSteps {

    private static final Logger log = LoggerFactory.getLogger(PendingSteps.class);

    private final Installer installer;
    /** Replaced as a whole, since another thread may read it. */
    private volatile List<Step> pending;

    private final Set<String> reportedObstacles = new HashSet<>();
    private volatile List<String> waiting = List.of();
    private final Map<String, String> formerLayouts = new HashMap<>();
    private final Set<String> formerTables = new HashSet<>();
    private boolean late;

    private PendingSteps(Installer installer, Collection<Step> pending, Collection<InstalledFunction> former) {
        this.installer = installer;
        this.pending = List.copyOf(pending);
        for (InstalledFunction function : former) {
            formerLayouts.put(function.marker().layout(), function.marker().table());
            formerTables.add(function.marker().table());
        }
        late = !formerTables.isEmpty();
    }

    /**
     * Creates the schema and sequences if they are missing, and determines the remaining steps.
     *
     * @param connection in autocommit mode
     * @param journal for durable delivery; empty for notify
     * @param options how to install
     * @throws SQLException if the database reports an error; then nothing is half done
     */
    public static PendingSteps begin(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallOptions options,
            Pause pause)
            throws SQLException, InterruptedException {
        Installer installer = new Installer(names.schema(), options.lockTimeoutMs(), pause);
        DesiredState desiredState = DesiredState.read(connection, names, journal, tables, options);
        Collection<InstalledFunction> former = desiredState.installed();
        for (Optional<Step> missing = desiredState.missingFoundation();
                missing.isPresent();
                missing = desiredState.missingFoundation()) {
            Provisioner.refuse(desiredState.problems());
            boolean othersTurn = installer.run(connection, missing.get()).isPresent();
            if (othersTurn && !pause.forMillis(options.lockTimeoutMs())) {
                throw new InterruptedException("the task is stopping");
            }
            desiredState = DesiredState.read(connection, names, journal, tables, options);
        }
        Provisioner.refuse(desiredState.problems());
        return new PendingSteps(installer, desiredState.missing(), former);
    }

    /** The installed state, without any steps. */
    static PendingSteps found(Connection connection, ObjectNames names, InstallOptions options, Pause pause)
            throws SQLException {
        return new PendingSteps(
                new Installer(names.schema(), options.lockTimeoutMs(), pause),
                List.of(),
                InstalledFunction.readAll(connection, names).values());
    }

    /**
     * Tries every remaining step once.
     *
     * @return true if nothing is left
     * @throws SQLException if a step failed for another reason than a lock
     */
    public boolean advance(Connection connection) throws SQLException, InterruptedException {
        // Triggers that are created after the connector's first ones may have missed changes.
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
                            "Waiting to {}: {}. This is retried until it succeeds. Until then, changes of this table"
                                    + " are not captured.",
                            step.purpose(),
                            obstacle.get());
                }
            }
        }
        waiting = obstacles;
        return pending.isEmpty();
    }

    /** The steps that failed in the last attempt, each with the reason. */
    public List<String> waiting() {
        return waiting;
    }

    /** Whether there are tables whose changes are not captured before {@link #advance} has created their triggers. */
    public boolean lacksTriggers() {
        return pending.stream().anyMatch(Step::createsTriggers);
    }

    /** Whether {@link #advance} still has to create triggers on that table. */
    public boolean makesTriggersOn(long tableOid) {
        return pending.stream().anyMatch(step -> step.createsTriggersOn(tableOid));
    }

    /** Whether nothing is left to do. */
    public boolean done() {
        return pending.isEmpty();
    }

    /** The tables, as {@code schema.table}, on which this connector had triggers before. */
    public Set<String> formerTables() {
        return formerTables;
    }

    /** The layouts that the installed functions write, each with its table as {@code schema.table}. */
    public Map<String, String> formerLayouts() {
        return formerLayouts;
    }
}
