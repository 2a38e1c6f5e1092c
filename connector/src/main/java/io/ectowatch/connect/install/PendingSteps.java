package io.ectowatch.connect.install;

import io.ectowatch.connect.install.objects.JournalSettings;
import io.ectowatch.connect.install.objects.TriggerState;
import io.ectowatch.connect.install.plan.InstallOptions;
import io.ectowatch.connect.install.plan.InstalledFunction;
import io.ectowatch.connect.install.plan.Installer;
import io.ectowatch.connect.install.plan.Pause;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.install.plan.Unwatched;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Brings a connector's triggers to the state that its configuration requires, table by table. A locked table delays
 * only itself: {@link #advance} is called again until nothing is left to do, by one thread at a time; any thread may
 * query the state.
 */
public final class PendingSteps {

    private final Installer installer;
    /** Replaced as a whole, since another thread may read it. */
    private volatile List<Step> pending;

    /** Those that failed for another reason than a lock. */
    private volatile List<Step> failed = List.of();

    private volatile Map<String, Trouble> troubles = Map.of();
    private final boolean goesOn;
    private final Map<String, String> formerLayouts = new HashMap<>();
    private final Set<String> formerTables = new HashSet<>();
    private boolean late;
    /** Tables that have got triggers, until that is asked for. */
    private final Set<Long> withNewTriggers = ConcurrentHashMap.newKeySet();

    private PendingSteps(
            Installer installer,
            Collection<Step> pending,
            Collection<InstalledFunction> former,
            boolean installedBefore,
            boolean goesOn) {
        this.goesOn = goesOn;
        this.late = installedBefore;
        this.installer = installer;
        this.pending = List.copyOf(pending);
        for (InstalledFunction function : former) {
            formerLayouts.put(function.marker().layout(), function.marker().table());
            formerTables.add(function.marker().table());
        }
    }

    /**
     * Creates the schema and sequences if they are missing, and determines the remaining steps.
     *
     * @param connection in autocommit mode
     * @param journal for durable delivery; empty for notify
     * @param unwatched tables that the connector has watched and cannot watch now
     * @param options how it is to be done
     * @throws SQLException when the database refuses; nothing is half done
     */
    public static PendingSteps begin(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            Unwatched unwatched,
            InstallOptions options,
            Pause pause)
            throws SQLException, InterruptedException {
        Installer installer = new Installer(names.schema(), options.lockTimeoutMs(), pause);
        DesiredState desiredState = DesiredState.read(connection, names, journal, tables, unwatched, options);
        Collection<InstalledFunction> former = desiredState.installed();
        boolean installedBefore = desiredState.missingFoundation().isEmpty();
        for (Optional<Step> missing = desiredState.missingFoundation();
                missing.isPresent();
                missing = desiredState.missingFoundation()) {
            Refusal.ifAny(desiredState.problems());
            boolean othersTurn = installer.run(connection, missing.get()).isPresent();
            if (othersTurn && !pause.forMillis(options.lockTimeoutMs())) {
                throw new InterruptedException("the task is stopping");
            }
            desiredState = DesiredState.read(connection, names, journal, tables, unwatched, options);
        }
        Refusal.ifAny(desiredState.problems());
        List<Step> steps = desiredState.missing();
        if (journal.isPresent()) {
            // Others announce a loss, and the next task may announce it again.
            steps = steps.stream()
                    .map(step -> step.lock() == Step.Lock.NONE
                                    && !step.lockedTables().isEmpty()
                            ? TriggerState.stored(names, step)
                            : step)
                    .toList();
        }
        return new PendingSteps(installer, steps, former, installedBefore || !former.isEmpty(), options.goesOn());
    }

    /** The installed state, without any steps. */
    static PendingSteps found(Connection connection, ObjectNames names, InstallOptions options, Pause pause)
            throws SQLException {
        return new PendingSteps(
                new Installer(names.schema(), options.lockTimeoutMs(), pause),
                List.of(),
                InstalledFunction.readAll(connection, names).values(),
                true,
                options.goesOn());
    }

    /**
     * Tries every remaining step once.
     *
     * @return true when nothing is left
     * @throws SQLException when the connection was lost; or when a step failed for another reason than a lock, unless the
     *     other tables are to be watched nevertheless
     */
    public boolean advance(Connection connection) throws SQLException, InterruptedException {
        // Triggers that are created after the connector's first ones may have missed changes.
        boolean announcing = late;
        late = true;
        Map<String, Trouble> now = new LinkedHashMap<>(troubles);
        for (Step step : pending) {
            now.remove(step.purpose());
            try {
                installer
                        .run(connection, announcing ? step.announcing() : step)
                        .ifPresentOrElse(
                                obstacle -> now.put(step.purpose(), Trouble.locked(obstacle)), () -> succeeded(step));
            } catch (SQLException e) {
                if (!goesOn || connection.isClosed()) {
                    throw e;
                }
                // When the catalog is read again, the step is planned again, if it is still needed.
                failed = Stream.concat(failed.stream(), Stream.of(step)).toList();
                noLongerPending(step);
                String message = Failure.of(e).message();
                now.put(step.purpose(), new Trouble(message, message));
            }
        }
        troubles = Map.copyOf(now);
        return pending.isEmpty();
    }

    private void succeeded(Step step) {
        noLongerPending(step);
        if (step.createsTriggers()) {
            withNewTriggers.addAll(step.lockedTables());
        }
    }

    private void noLongerPending(Step step) {
        pending = pending.stream().filter(other -> other != step).toList();
    }

    /** What could not be done at the last attempt, each with the reason. */
    public List<String> waiting() {
        return troubles().entrySet().stream()
                .map(trouble -> trouble.getKey() + ": " + trouble.getValue().message())
                .toList();
    }

    /** What could not be done so far, by its purpose. */
    public Map<String, Trouble> troubles() {
        return troubles;
    }

    /** The OIDs of tables on which {@link #advance} has created triggers since this was last called. */
    public Set<Long> takeTablesWithNewTriggers() {
        Set<Long> taken = Set.copyOf(withNewTriggers);
        withNewTriggers.removeAll(taken);
        return taken;
    }

    /** Whether {@link #advance} still has to create triggers on that table. */
    public boolean makesTriggersOn(long tableOid) {
        return pending.stream().anyMatch(step -> step.createsTriggersOn(tableOid));
    }

    /** Whether {@link #advance} still has to do anything about that table. */
    public boolean concerns(long tableOid) {
        return pending.stream().anyMatch(step -> step.lockedTables().contains(tableOid));
    }

    /** Whether triggers of that table are missing: they were not created yet, or could not be. */
    public boolean lacksTriggersOn(long tableOid) {
        return makesTriggersOn(tableOid) || failed.stream().anyMatch(step -> step.createsTriggersOn(tableOid));
    }

    /** Whether triggers of any table are missing. */
    public boolean triggersAreMissing() {
        return Stream.concat(pending.stream(), failed.stream()).anyMatch(Step::createsTriggers);
    }

    /** Whether nothing is left to do but those steps, by their purposes. */
    public boolean doneBut(Set<String> purposes) {
        return pending.stream().allMatch(step -> purposes.contains(step.purpose()));
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
