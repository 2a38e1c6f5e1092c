package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.config.JournalFragment;
import io.ectowatch.connect.install.plan.InstallPlan;
import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.ContextSql;
import io.ectowatch.connect.trigger.FunctionTemplate;
import io.ectowatch.connect.trigger.HelperFunction;
import io.ectowatch.connect.trigger.JournalFunction;
import io.ectowatch.connect.trigger.JournalPlaces;
import io.ectowatch.connect.trigger.NotifyFunction;
import io.ectowatch.connect.trigger.OrderSql;
import io.ectowatch.connect.trigger.TriggerFunction;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The SQL of what a connector's triggers need before they can work: the schema, its sequences and functions and, for
 * durable delivery, the journal. Text only: {@link BaseObjects} compares it with what the database has.
 *
 * @param names the names of the connector's objects
 * @param journal for durable delivery; empty for notify
 * @param facts the function that gives the connector's state
 * @param context what the triggers capture besides changes
 */
public record BaseObjectSql(
        ObjectNames names, Optional<JournalObjects> journal, HelperFunction facts, ContextSql context) {

    private static final FunctionTemplate SECURE_SCHEMA = FunctionTemplate.load("secure-schema.sql");

    public static BaseObjectSql of(ObjectNames names, Optional<JournalSettings> journal, ContextSql context) {
        return new BaseObjectSql(
                names,
                journal.map(settings -> new JournalObjects(
                        new JournalPlaces(names, settings.maxBytes(), settings.triggersMayRing(), context))),
                FactsFunction.of(names, journal),
                context);
    }

    /** What creates the schema. */
    List<String> schema() {
        return List.of(
                "CREATE SCHEMA IF NOT EXISTS " + SqlText.identifier(names.schema()),
                "COMMENT ON SCHEMA " + SqlText.identifier(names.schema()) + " IS "
                        + SqlText.literal(Marker.shared().comment()),
                privilegesOnSchema());
    }

    /** Also for a schema that an operator has created: what the owner of the database needs for a dump. */
    String privilegesOnSchema() {
        return SECURE_SCHEMA
                .fill(Map.of(
                        "schema", SqlText.identifier(names.schema()),
                        "schema literal", SqlText.literal(SqlText.identifier(names.schema()))))
                .create();
    }

    UninstallFunction uninstall() {
        return new UninstallFunction(names.schema());
    }

    /** The functions by which people request backfills, for durable delivery. */
    List<BackfillFunction> backfills() {
        return journal.isPresent() ? BackfillFunction.all(names.schema()) : List.of();
    }

    /** Whether all connectors of a schema share the function of that name. */
    static boolean isShared(String function) {
        return function.equals(UninstallFunction.NAME) || BackfillFunction.NAMES.contains(function);
    }

    /** The tables and sequences. */
    List<PersistentRelation> relations() {
        List<PersistentRelation> relations = new ArrayList<>();
        relations.add(PersistentRelation.sequence(names, names.lostSequence(), 1));
        relations.add(PersistentRelation.sequence(
                names,
                names.leaseSequence(),
                1,
                names.setLease(JournalFragment.LEASE_DEFAULT) + " FROM " + names.lease() + " WHERE NOT is_called"));
        journal.ifPresent(objects -> relations.addAll(objects.relations()));
        return relations;
    }

    StatusObjects status() {
        return new StatusObjects(names.schema());
    }

    /** The functions that the triggers' functions call, and the one that gives the connector's state. */
    List<HelperFunction> functions() {
        List<HelperFunction> functions = new ArrayList<>();
        functions.add(OrderSql.function(names));
        context.function(names).ifPresent(functions::add);
        journal.ifPresent(objects -> functions.addAll(objects.functions()));
        functions.add(facts);
        return functions;
    }

    /** Some or all of the statements, in their order, as a step. */
    public Step step(List<String> statements) {
        return new Step(
                "create the objects that the triggers of " + names.connector() + " use",
                Set.of(),
                Step.Lock.NONE,
                statements);
    }

    /**
     * What creates all of it, each where it is missing.
     *
     * @param withSchema whether the schema is the connector's to create
     * @param status what creates or replaces the objects of {@link StatusObjects}
     */
    List<String> create(boolean withSchema, List<String> status) {
        List<String> statements = new ArrayList<>(withSchema ? schema() : List.of());
        statements.addAll(uninstall().create());
        statements.addAll(PersistentRelation.create(names, relations()));
        statements.addAll(HelperFunction.create(names, functions()));
        backfills().forEach(function -> statements.addAll(function.create()));
        statements.addAll(status);
        return statements;
    }

    /** What creates all of it in an empty database. */
    public List<String> create() {
        return create(true, status().create());
    }

    /**
     * What makes the triggers' functions.
     *
     * @param layouts what the journal calls the tables' layouts
     */
    public InstallPlan.Functions triggers(LayoutNumbers layouts) {
        if (journal.isEmpty()) {
            return table -> new NotifyFunction(names, table, context);
        }
        return new InstallPlan.Functions() {
            @Override
            public TriggerFunction of(WatchedTable table) {
                return new JournalFunction(names, journal.get().places(), table, layouts.of(table));
            }

            @Override
            public Optional<String> announcement(String layout) {
                return Optional.of(names.writeResyncOf(layout));
            }
        };
    }
}
