package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.DeliveryFragment;
import io.ectowatch.connect.config.JournalFragment;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.install.SchemaContents.PresentFunction;
import io.ectowatch.connect.postgres.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a connector's triggers stand on: the schema, its sequences and, for durable delivery, the journal. */
final class Foundation {

    private final ObjectNames names;
    private final Optional<JournalObjects> journal;
    private final UninstallFunction uninstall;
    private final SchemaContents present;
    private final LayoutNumbers layouts;

    private Foundation(
            ObjectNames names, Optional<JournalObjects> journal, SchemaContents present, LayoutNumbers layouts) {
        this.names = names;
        this.journal = journal;
        this.uninstall = new UninstallFunction(names.schema());
        this.present = present;
        this.layouts = layouts;
    }

    /** Looks at what is there of what the triggers of {@code tables} need. */
    static Foundation read(
            Connection connection, ObjectNames names, Optional<JournalSettings> journal, List<WatchedTable> tables)
            throws SQLException {
        SchemaContents present = SchemaContents.read(connection, names.schema());
        LayoutNumbers layouts = journal.isPresent()
                ? new LayoutRegistry(names)
                        .numbers(connection, present.relations().containsKey(names.layoutsTable()), tables)
                : new LayoutNumbers(Map.of(), List.of(), List.of());
        return new Foundation(
                names,
                journal.map(settings -> new JournalObjects(names, settings.maxBytes(), settings.triggersMayRing())),
                present,
                layouts);
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
        if (journal.isPresent()) {
            boolean kept = journal.get().relations().stream().allMatch(this::isThere);
            if (kept && !present.relations().containsKey(names.lostSequence())) {
                // Somebody has dropped it, and nobody knows what it would have said.
                statements.add(names.setLost());
            }
            for (CalledFunction function : journal.get().functions()) {
                if (!isThere(function)) {
                    statements.addAll(function.create());
                }
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
        journal.ifPresent(objects -> objects.functions().forEach(function -> statements.addAll(function.create())));
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
                        + SqlText.literal(Marker.shared().comment()));
    }

    private List<LastingRelation> relations() {
        List<LastingRelation> relations = new ArrayList<>();
        relations.add(new LastingRelation(
                "SEQUENCE",
                names.lostSequence(),
                List.of("CREATE SEQUENCE IF NOT EXISTS " + names.lost() + " CACHE 1")));
        relations.add(new LastingRelation(
                "SEQUENCE",
                names.leaseSequence(),
                List.of(
                        "CREATE SEQUENCE IF NOT EXISTS " + names.lease() + " CACHE 1",
                        names.setLease(JournalFragment.LEASE_DEFAULT) + " FROM " + names.lease()
                                + " WHERE NOT is_called")));
        journal.ifPresent(objects -> relations.addAll(objects.relations()));
        return relations;
    }

    /** What is in the way: it has the name of something that the connector needs, and is not the connector's. */
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (LastingRelation relation : relations()) {
            Optional<Marker> marker = present.relations().get(relation.name());
            if (marker != null && !marker.equals(Optional.of(Marker.of(names.connector())))) {
                problems.add(new Problem(
                        DeliveryFragment.SCHEMA_CONFIG,
                        SqlText.identifier(names.schema(), relation.name()) + " is in the way: as its comment does not"
                                + " say so, it is not connector " + names.connector()
                                + "'s. Rename it, or choose another schema."));
            }
        }
        return problems;
    }

    private boolean isThere(LastingRelation relation) {
        return present.relations().containsKey(relation.name());
    }

    private boolean isThere(CalledFunction function) {
        PresentFunction found = present.functions().get(function.name());
        return found != null
                && found.marker().equals(Optional.of(Marker.of(names.connector())))
                && found.body().equals(function.body());
    }

    /** One that another role has made, or something else of that name, stays as it is. */
    private boolean isThere(UninstallFunction function) {
        PresentFunction found = present.functions().get(UninstallFunction.NAME);
        return found != null
                && (found.marker().isEmpty()
                        || !found.replaceable()
                        || found.body().equals(function.body()));
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
