package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.JournalFragment;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a connector's triggers stand on: the schema, its sequences and, for durable delivery, the journal. */
final class Foundation {

    private static final Template SETTLE_SCHEMA = Template.load("schema-settle.sql");

    private final ObjectNames names;
    private final Optional<JournalObjects> journal;
    private final UninstallFunction uninstall;
    private final SchemaContents present;
    private final ObjectCheck check;
    private final LayoutNumbers layouts;

    private Foundation(
            ObjectNames names,
            Optional<JournalObjects> journal,
            SchemaContents present,
            ObjectCheck check,
            LayoutNumbers layouts) {
        this.names = names;
        this.journal = journal;
        this.uninstall = new UninstallFunction(names.schema());
        this.present = present;
        this.check = check;
        this.layouts = layouts;
    }

    /**
     * Looks at what is there of what the triggers of {@code tables} need. Nothing is read of it, let alone called, that is
     * not known to be as the connector makes it.
     *
     * @param mode who makes the connector's objects
     */
    static Foundation read(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallMode mode)
            throws SQLException {
        SchemaContents present = SchemaContents.read(connection, names.schema());
        Optional<JournalObjects> objects =
                journal.map(settings -> new JournalObjects(names, settings.maxBytes(), settings.triggersMayRing()));
        ObjectCheck check = ObjectCheck.read(
                connection, names, present, relations(names, objects), functions(names, objects, tables), tables, mode);
        LayoutNumbers layouts = journal.isPresent()
                ? new LayoutRegistry(names)
                        .numbers(
                                connection,
                                check.problems().isEmpty()
                                        && present.relations().containsKey(names.layoutsTable()),
                                tables)
                : new LayoutNumbers(Map.of(), List.of(), List.of());
        return new Foundation(names, objects, present, check, layouts);
    }

    /** What there is that the connector must not use: known without reading any of it. */
    static List<Problem> problems(
            Connection connection,
            ObjectNames names,
            Optional<JournalSettings> journal,
            List<WatchedTable> tables,
            InstallMode mode)
            throws SQLException {
        Optional<JournalObjects> objects =
                journal.map(settings -> new JournalObjects(names, settings.maxBytes(), settings.triggersMayRing()));
        return ObjectCheck.read(
                        connection,
                        names,
                        SchemaContents.read(connection, names.schema()),
                        relations(names, objects),
                        functions(names, objects, tables),
                        tables,
                        mode)
                .problems();
    }

    /** The types of the arguments of every function that is needed, by its name. */
    private static Map<String, String> functions(
            ObjectNames names, Optional<JournalObjects> journal, List<WatchedTable> tables) {
        Map<String, String> functions = new HashMap<>();
        functions.put(UninstallFunction.NAME, UninstallFunction.ARGUMENTS);
        called(names, journal).forEach(function -> functions.put(function.name(), function.argumentTypes()));
        for (WatchedTable table : tables) {
            for (Operation operation : Operation.values()) {
                functions.put(names.function(table.shape().name(), operation), "");
            }
            for (WatchedTable.TableWatcher watcher : table.watchers()) {
                functions.put(names.condition(table.shape().name(), watcher.name()), ConditionFunction.ARGUMENTS);
            }
        }
        return functions;
    }

    /** What is still to be made, as one step; empty when all is there. */
    Optional<Step> missing() {
        List<String> statements = new ArrayList<>();
        if (!present.exists()) {
            statements.addAll(createSchema());
        }
        if (!isThere(uninstall)) {
            statements.addAll(uninstall.create());
        }
        for (LastingRelation relation : relations()) {
            if (!isThere(relation)) {
                statements.addAll(relation.create(names));
            }
        }
        statements.addAll(check.mending());
        if (journal.isPresent()) {
            boolean kept = journal.get().relations().stream().allMatch(this::isThere);
            if (kept && !present.relations().containsKey(names.lostSequence())) {
                // Somebody has dropped it, and nobody knows what it would have said.
                statements.add(names.setLost());
            }
        }
        for (CalledFunction function : functionsCalled()) {
            if (!isThere(function)) {
                statements.addAll(function.create());
            }
        }
        statements.addAll(layouts.missing());
        return statements.isEmpty() ? Optional.empty() : Optional.of(step(statements));
    }

    /** What makes all of it, whether it is there or not. */
    Step complete() {
        List<String> statements = new ArrayList<>();
        if (!present.exists() || present.shared()) {
            statements.addAll(createSchema());
        }
        statements.addAll(uninstall.create());
        relations().forEach(relation -> statements.addAll(relation.create(names)));
        functionsCalled().forEach(function -> statements.addAll(function.create()));
        statements.addAll(layouts.registrations());
        return step(statements);
    }

    private Step step(List<String> statements) {
        return new Step(
                "make what the triggers of " + names.connector() + " stand on", Set.of(), Step.Lock.NONE, statements);
    }

    private List<String> createSchema() {
        return List.of(
                "CREATE SCHEMA IF NOT EXISTS " + SqlText.identifier(names.schema()),
                "COMMENT ON SCHEMA " + SqlText.identifier(names.schema()) + " IS "
                        + SqlText.literal(Marker.shared().comment()),
                "DO "
                        + SqlText.dollarQuoted(SETTLE_SCHEMA.fill(Map.of(
                                "schema", SqlText.identifier(names.schema()),
                                "schema literal", SqlText.literal(SqlText.identifier(names.schema()))))));
    }

    private List<CalledFunction> functionsCalled() {
        return called(names, journal);
    }

    private static List<CalledFunction> called(ObjectNames names, Optional<JournalObjects> journal) {
        List<CalledFunction> functions = new ArrayList<>();
        functions.add(OrderSql.function(names));
        journal.ifPresent(objects -> functions.addAll(objects.functions()));
        return functions;
    }

    private List<LastingRelation> relations() {
        return relations(names, journal);
    }

    private static List<LastingRelation> relations(ObjectNames names, Optional<JournalObjects> journal) {
        List<LastingRelation> relations = new ArrayList<>();
        relations.add(LastingRelation.sequence(names, names.lostSequence(), 1));
        relations.add(LastingRelation.sequence(
                names,
                names.leaseSequence(),
                1,
                names.setLease(JournalFragment.LEASE_DEFAULT) + " FROM " + names.lease() + " WHERE NOT is_called"));
        journal.ifPresent(objects -> relations.addAll(objects.relations()));
        return relations;
    }

    /** What the connector must not use: it has the name of something that it needs, and is not its own or not as it has to be. */
    List<Problem> problems() {
        return check.problems();
    }

    private boolean isThere(LastingRelation relation) {
        return present.relations().containsKey(relation.name());
    }

    private boolean isThere(CalledFunction function) {
        return present.function(function.name(), function.argumentTypes())
                .filter(function::isLike)
                .isPresent();
    }

    /** One that another role has made, or something else of that name, stays as it is. */
    private boolean isThere(UninstallFunction function) {
        return present.function(UninstallFunction.NAME, UninstallFunction.ARGUMENTS)
                .filter(found -> found.marker().isEmpty() || !found.replaceable() || function.isLike(found))
                .isPresent();
    }

    /** What makes the triggers' functions. */
    InstallPlan.Functions functions() {
        if (journal.isEmpty()) {
            return table -> new NotifyFunction(names, table);
        }
        return table -> new JournalFunction(
                names, journal.get(), table, layouts.byLayout().get(table.layout()));
    }
}
