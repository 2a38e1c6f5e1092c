package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.DeliveryMode;
import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.install.plan.InstalledFunction.InstalledTrigger;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.ConditionFunction;
import io.ectowatch.connect.trigger.FunctionSql;
import io.ectowatch.connect.trigger.Operation;
import io.ectowatch.connect.trigger.SecureFunctions;
import io.ectowatch.connect.trigger.TriggerFunction;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The steps from the installed state to the desired state. Without a difference there is no step, and so no DDL. */
public final class InstallPlan {

    private static final int HASH_DIGITS = 16;

    /** After a transaction that has set it, such a setting is an empty text for the rest of the session. */
    private static final String UNLESS_MUTED =
            "\nWHEN (pg_catalog.current_setting('ectowatch.mute', true) IS DISTINCT FROM 'on')";

    /** Creates the functions of a table, for one delivery mode. */
    public interface Functions {
        TriggerFunction of(WatchedTable table);

        /** The statement that announces a resync of the table of a registered layout; empty for notify. */
        default Optional<String> announcement(String layout) {
            return Optional.empty();
        }
    }

    private final ObjectNames names;
    private final Functions functions;
    private final Map<String, InstalledFunction> installed;
    private final Unwatched unwatched;
    private final boolean muteAllowed;
    private final boolean complete;
    private final Set<String> wanted = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();

    /**
     * @param installed the installed functions of this connector, by name
     * @param unwatched tables that the connector has watched and cannot watch now
     * @param muteAllowed whether a transaction may suppress its changes
     * @param complete whether to include objects that are already correct
     */
    public InstallPlan(
            ObjectNames names,
            Functions functions,
            Map<String, InstalledFunction> installed,
            Unwatched unwatched,
            boolean muteAllowed,
            boolean complete) {
        this.names = names;
        this.functions = functions;
        this.installed = installed;
        this.unwatched = unwatched;
        this.muteAllowed = muteAllowed;
        this.complete = complete;
    }

    /** The steps that lead from the installed state to triggers on exactly {@code tables}. */
    public List<Step> steps(List<WatchedTable> tables) {
        for (WatchedTable table : tables) {
            install(table);
        }
        removeTheRest();
        return List.copyOf(steps);
    }

    private void install(WatchedTable table) {
        TriggerFunction function = functions.of(table);
        List<String> statements = new ArrayList<>();
        List<String> triggers = new ArrayList<>();
        Map<List<String>, List<String>> byCallers = new LinkedHashMap<>();
        Set<Long> lockedTables = new HashSet<>(Set.of(table.shape().oid()));
        Step.Lock lock = Step.Lock.NONE;
        boolean otherDelivery = false;
        String tableName = table.shape().name().toString();
        boolean first = installed.values().stream()
                .noneMatch(other -> other.marker().table().equals(tableName));
        installConditions(table, function.delivery().text(), statements, byCallers);
        for (Operation operation : Operation.values()) {
            if (Collections.disjoint(operation.events(), table.events())) {
                continue;
            }
            String name = names.function(table.shape().name(), operation.text());
            wanted.add(name);
            InstalledFunction present = installed.get(name);
            if (present != null && hasStrays(present, table.shape(), operation)) {
                statements.add(drop(name));
                present.triggers().forEach(trigger -> lockedTables.add(trigger.tableOid()));
                lock = Step.Lock.ACCESS_EXCLUSIVE;
                present = null;
            }
            FunctionSql sql = function.sql(operation);
            String grants = grants(name, table.shape(), operation);
            Marker marker = marker(table, function.delivery().text(), sql.create(), grants);
            otherDelivery |= present != null && !present.marker().delivery().equals(marker.delivery());
            List<String> callers = callers(table.shape(), operation);
            if (complete || !isLike(present, marker, sql, callers)) {
                statements.addAll(List.of(sql.create(), comment(name, marker), grants));
                byCallers.computeIfAbsent(callers, any -> new ArrayList<>()).add(name);
            }
            boolean lacksTrigger = present == null || !hasTrigger(present, table.shape(), operation);
            if (complete || lacksTrigger) {
                triggers.add(createTrigger(name, table.shape(), operation));
                if (table.shape().triggers() == TableShape.Triggers.ALWAYS) {
                    triggers.add(enableAlways(table.shape(), operation));
                }
            }
            if (lacksTrigger) {
                lock = lock == Step.Lock.NONE ? Step.Lock.SHARE_ROW_EXCLUSIVE : lock;
            }
        }
        byCallers.forEach((callers, all) -> statements.add(SecureFunctions.of(names.schema(), all, callers)));
        // Last, since they lock the table.
        statements.addAll(triggers);
        if (!statements.isEmpty()) {
            if (otherDelivery) {
                // Changes that the other delivery has not delivered yet are lost, including those of open
                // transactions.
                statements.add(names.setLost());
            }
            steps.add(new Step(
                    "install triggers on " + table.shape().name(),
                    lockedTables,
                    lock,
                    statements,
                    lock == Step.Lock.NONE ? Optional.empty() : function.announcement(first)));
        }
    }

    /** Functions that the triggers' functions call must exist before them. */
    private void installConditions(
            WatchedTable table, String delivery, List<String> statements, Map<List<String>, List<String>> byCallers) {
        for (WatchedTable.TableWatcher watcher : table.watchers()) {
            Condition condition = watcher.filter().when();
            if (condition == null) {
                continue;
            }
            ConditionFunction function = new ConditionFunction(names, table, watcher, condition);
            wanted.add(function.name());
            FunctionSql sql = function.sql();
            Marker marker = marker(table, delivery, sql.create());
            if (complete || !isLike(installed.get(function.name()), marker, sql, List.of())) {
                statements.addAll(List.of(
                        sql.create(),
                        "COMMENT ON FUNCTION " + signature(function.name()) + " IS "
                                + SqlText.literal(marker.comment()),
                        "REVOKE ALL ON FUNCTION " + signature(function.name()) + " FROM PUBLIC"));
                byCallers.computeIfAbsent(List.of(), any -> new ArrayList<>()).add(function.name());
            }
        }
    }

    private Marker marker(WatchedTable table, String delivery, String... hashed) {
        return new Marker(
                names.connector(),
                table.shape().name().toString(),
                table.layout(),
                delivery,
                SqlText.hash(HASH_DIGITS, hashed));
    }

    private static boolean isLike(
            @Nullable InstalledFunction present, Marker marker, FunctionSql sql, List<String> callers) {
        return present != null
                && present.marker().equals(marker)
                && present.body().equals(sql.body())
                && present.header().equals(sql.header())
                && callers.containsAll(present.callers());
    }

    private String signature(String condition) {
        return SqlText.identifier(names.schema(), condition) + "(record, record)";
    }

    /** Triggers of the connector on another table: the table had another name when they were created. */
    private boolean hasStrays(InstalledFunction function, TableShape table, Operation operation) {
        return function.triggers().stream()
                .anyMatch(trigger ->
                        trigger.tableOid() != table.oid() || !trigger.name().equals(operation.trigger(names, table)));
    }

    /** CASCADE also drops the triggers, even on tables of other owners, where DROP TRIGGER would be refused. */
    private String drop(String function) {
        return "DROP FUNCTION IF EXISTS " + SqlText.identifier(names.schema(), function) + "() CASCADE";
    }

    private String dropCondition(String function) {
        return "DROP FUNCTION IF EXISTS " + signature(function);
    }

    private String comment(String function, Marker marker) {
        return "COMMENT ON FUNCTION " + SqlText.identifier(names.schema(), function) + "() IS "
                + SqlText.literal(marker.comment());
    }

    /**
     * Without the REVOKE, a role that may create triggers on its own table could use the function to publish changes
     * as those of another table. But a role that creates a partition needs EXECUTE, since for PostgreSQL it creates
     * the clones of the root's triggers; only the root's owner can create a partition.
     */
    private String grants(String name, TableShape table, Operation operation) {
        String function = SqlText.identifier(names.schema(), name) + "()";
        return "REVOKE ALL ON FUNCTION " + function + " FROM PUBLIC"
                + (hasCallers(table, operation)
                        ? ";\nGRANT EXECUTE ON FUNCTION " + function + " TO " + SqlText.identifier(table.owner())
                        : "");
    }

    private static List<String> callers(TableShape table, Operation operation) {
        return hasCallers(table, operation) ? List.of(table.owner()) : List.of();
    }

    private static boolean hasCallers(TableShape table, Operation operation) {
        return operation.forEachRow(table.triggers()) && table.triggers() != TableShape.Triggers.CHOSEN_ROW;
    }

    private boolean hasTrigger(InstalledFunction function, TableShape table, Operation operation) {
        return operation.firing(table.triggers()).equals(function.firing())
                && function.triggers().stream()
                        .anyMatch(trigger -> trigger.tableOid() == table.oid()
                                && trigger.name().equals(operation.trigger(names, table))
                                && trigger.type() == operation.triggerType(table.triggers())
                                && Objects.equals(trigger.newRows(), operation.newRows(table.triggers()))
                                && Objects.equals(trigger.oldRows(), operation.oldRows(table.triggers()))
                                && trigger.conditional() == muteAllowed);
    }

    private String createTrigger(String function, TableShape table, Operation operation) {
        String newRows = operation.newRows(table.triggers());
        String oldRows = operation.oldRows(table.triggers());
        String transitions = (newRows == null ? "" : " NEW TABLE AS " + newRows)
                + (oldRows == null ? "" : " OLD TABLE AS " + oldRows);
        return "CREATE OR REPLACE TRIGGER " + SqlText.identifier(operation.trigger(names, table))
                + "\nAFTER " + operation.name() + " ON "
                + SqlText.identifier(table.name().schema(), table.name().table())
                + (transitions.isEmpty() ? "" : "\nREFERENCING" + transitions)
                + "\nFOR EACH " + (operation.forEachRow(table.triggers()) ? "ROW" : "STATEMENT")
                + (muteAllowed ? UNLESS_MUTED : "")
                + "\nEXECUTE FUNCTION " + SqlText.identifier(names.schema(), function) + "()";
    }

    private String enableAlways(TableShape table, Operation operation) {
        return "ALTER TABLE "
                + SqlText.identifier(table.name().schema(), table.name().table()) + " ENABLE ALWAYS TRIGGER "
                + SqlText.identifier(operation.trigger(names, table));
    }

    /** Functions of this connector that no watched table needs any more: each table in a step of its own. */
    private void removeTheRest() {
        record Place(Set<Long> tables, String announcedTable) {}
        Map<Place, List<InstalledFunction>> places = new LinkedHashMap<>();
        for (InstalledFunction function : installed.values()) {
            if (!wanted.contains(function.name()) && !unwatched.keeps(function)) {
                Set<Long> tables = function.triggers().stream()
                        .map(InstalledTrigger::tableOid)
                        .collect(Collectors.toSet());
                String announced =
                        unwatched.announcesRemoval(function) ? function.marker().table() : "";
                places.computeIfAbsent(new Place(tables, announced), any -> new ArrayList<>())
                        .add(function);
            }
        }
        places.forEach((place, functions) -> steps.add(new Step(
                "remove triggers from " + functions.get(0).marker().table(),
                place.tables(),
                place.tables().isEmpty() ? Step.Lock.NONE : Step.Lock.ACCESS_EXCLUSIVE,
                functions.stream()
                        .map(function ->
                                function.forTriggers() ? drop(function.name()) : dropCondition(function.name()))
                        .toList(),
                place.announcedTable().isEmpty() ? Optional.empty() : announcement(functions.get(0)))));
    }

    /** What the triggers have written before is read before it; the layout is still registered. */
    private Optional<String> announcement(InstalledFunction removed) {
        return removed.forTriggers() && removed.marker().delivery().equals(DeliveryMode.DURABLE.text())
                ? functions.announcement(removed.marker().layout())
                : Optional.empty();
    }
}
