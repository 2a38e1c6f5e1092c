package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.plan.InstallPlan;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.ConditionFunction;
import io.ectowatch.connect.trigger.ContextSql;
import io.ectowatch.connect.trigger.HelperFunction;
import io.ectowatch.connect.trigger.Operation;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objects that a connector's triggers need, compared with what exists in the database. */
public final class BaseObjects {

    private final ObjectNames names;
    private final BaseObjectSql wanted;
    private final SchemaContents present;
    private final ObjectCheck check;
    private final LayoutNumbers layouts;

    private BaseObjects(
            ObjectNames names, BaseObjectSql wanted, SchemaContents present, ObjectCheck check, LayoutNumbers layouts) {
        this.names = names;
        this.wanted = wanted;
        this.present = present;
        this.check = check;
        this.layouts = layouts;
    }

    /**
     * Checks which objects that the triggers of {@code tables} need exist. It reads or calls only objects that are
     * known to be the connector's own, unchanged.
     *
     * @param mode who installs the connector's objects
     * @param context what the triggers capture besides changes
     */
    public static BaseObjects read(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallMode mode,
            ContextSql context)
            throws SQLException {
        SchemaContents present = SchemaContents.read(connection, names);
        BaseObjectSql wanted = BaseObjectSql.of(names, journal, context);
        ObjectCheck check = check(connection, wanted, present, tables, mode);
        return new BaseObjects(names, wanted, present, check, layouts(connection, wanted, present, check, tables));
    }

    private static LayoutNumbers layouts(
            Connection connection,
            BaseObjectSql wanted,
            SchemaContents present,
            ObjectCheck check,
            List<WatchedTable> tables)
            throws SQLException {
        if (wanted.journal().isEmpty()) {
            return LayoutNumbers.NONE;
        }
        LayoutRegistry registry = new LayoutRegistry(wanted.names());
        boolean readable = check.problems().isEmpty()
                && present.relations().containsKey(wanted.names().layoutsTable());
        return readable ? registry.numbers(connection, tables) : registry.numbers(tables);
    }

    /** Existing objects that the connector must not use; determined without reading any of them. */
    public static List<ConfigProblem> problems(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallMode mode,
            ContextSql context)
            throws SQLException {
        SchemaContents present = SchemaContents.read(connection, names);
        return check(connection, BaseObjectSql.of(names, journal, context), present, tables, mode)
                .problems();
    }

    private static ObjectCheck check(
            Connection connection,
            BaseObjectSql wanted,
            SchemaContents present,
            List<WatchedTable> tables,
            InstallMode mode)
            throws SQLException {
        return ObjectCheck.read(
                connection, wanted.names(), present, wanted.relations(), functions(wanted, tables), tables, mode);
    }

    /** The types of the arguments of every function that is needed, by its name. */
    private static Map<String, String> functions(BaseObjectSql wanted, List<WatchedTable> tables) {
        ObjectNames names = wanted.names();
        Map<String, String> functions = new HashMap<>();
        functions.put(UninstallFunction.NAME, UninstallFunction.ARGUMENTS);
        wanted.functions().forEach(function -> functions.put(function.name(), function.argumentTypes()));
        wanted.backfills().forEach(function -> functions.put(function.name(), function.arguments()));
        for (WatchedTable table : tables) {
            for (Operation operation : Operation.values()) {
                functions.put(names.function(table.shape().name(), operation.text()), "");
            }
            for (WatchedTable.TableWatcher watcher : table.watchers()) {
                functions.put(names.condition(table.shape().name(), watcher.name()), ConditionFunction.ARGUMENTS);
            }
        }
        return functions;
    }

    /** The missing objects, as one step; empty if everything exists. */
    public Optional<Step> missing() {
        List<String> statements = new ArrayList<>(missingForAll());
        statements.addAll(layouts.missing().values());
        return statements.isEmpty() ? Optional.empty() : Optional.of(wanted.step(statements));
    }

    /** What only this table lacks: the registration of its layout; empty if it exists. */
    public Optional<String> missingFor(WatchedTable table) {
        return Optional.ofNullable(layouts.missing().get(table.layout()));
    }

    /** The statements that create the missing objects that all tables need. */
    public List<String> missingForAll() {
        List<String> statements = new ArrayList<>();
        if (!present.exists()) {
            statements.addAll(wanted.schema());
        } else if (!isThere(wanted.uninstall())) {
            statements.add(wanted.privilegesOnSchema()); // once: an operator may revoke them
        }
        if (!isThere(wanted.uninstall())) {
            statements.addAll(wanted.uninstall().create());
        }
        statements.addAll(PersistentRelation.create(
                names,
                wanted.relations().stream()
                        .filter(relation -> !isThere(relation))
                        .toList()));
        statements.addAll(check.mending());
        if (wanted.journal().isPresent()) {
            boolean kept = wanted.journal().get().relations().stream().allMatch(this::isThere);
            if (kept && !present.relations().containsKey(names.lostSequence())) {
                // It was dropped, and with it any loss that it had recorded.
                statements.add(names.setLost());
            }
        }
        statements.addAll(HelperFunction.create(
                names,
                wanted.functions().stream()
                        .filter(function -> !isThere(function))
                        .toList()));
        for (BackfillFunction function : wanted.backfills()) {
            if (!isThere(function)) {
                statements.addAll(function.create());
            }
        }
        statements.addAll(wanted.status().missing(present));
        return statements;
    }

    /** The step that creates everything, whether it exists or not. */
    public Step complete() {
        List<String> statements = new ArrayList<>(wanted.create(
                !present.exists() || present.shared(), wanted.status().complete(present)));
        statements.addAll(layouts.registrations());
        return wanted.step(statements);
    }

    /**
     * Objects that the connector must not use: they have the name of an object that it needs, but are not its own or
     * were changed.
     */
    public List<ConfigProblem> problems() {
        return check.problems();
    }

    private boolean isThere(PersistentRelation relation) {
        return present.relations().containsKey(relation.name());
    }

    private boolean isThere(HelperFunction function) {
        return present.function(function.name(), function.argumentTypes())
                .filter(found -> found.marker()
                        .equals(Optional.of(Marker.of(function.names().connector()))))
                .filter(found -> found.body().equals(function.sql().body()))
                .filter(found -> found.header().equals(function.sql().header()))
                .filter(found -> function.callers().containsAll(found.callers()))
                .isPresent();
    }

    /** As for {@link UninstallFunction}. */
    private boolean isThere(BackfillFunction function) {
        return present.function(function.name(), function.arguments())
                .filter(found -> found.marker().isEmpty() || !found.replaceable() || function.isLike(found))
                .isPresent();
    }

    /** An object of that name of another role, or of another kind, stays as it is. */
    private boolean isThere(UninstallFunction function) {
        return present.function(UninstallFunction.NAME, UninstallFunction.ARGUMENTS)
                .filter(found -> found.marker().isEmpty() || !found.replaceable() || function.isLike(found))
                .isPresent();
    }

    /** Generates the triggers' functions. */
    public InstallPlan.Functions functions() {
        return wanted.triggers(layouts);
    }
}
