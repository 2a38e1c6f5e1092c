package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.CatalogTable;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ExtensionTables;
import io.ectowatch.connect.catalog.OrderRisks;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.WatcherOptions;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds the tables of each watcher, and what prevents watching them. No I/O: the catalog is read elsewhere. */
final class WatcherResolver {

    /** A change is built by one call of a PostgreSQL function, whose number of arguments is limited (FUNC_MAX_ARGS). */
    private static final int MOST_COLUMNS = 100;

    private final List<CatalogTable> relations;
    private final TableObstacles obstacles;
    private final Set<String> former;
    private final String ownSchema;
    private final String role;
    private final boolean installing;
    private final Map<CatalogTable, List<Watcher>> matches = new LinkedHashMap<>();
    private final List<TableProblem> problems = new ArrayList<>();
    private final Set<String> leftOut = new LinkedHashSet<>();
    private final Map<Long, ConfigProblem> ungranted = new HashMap<>();

    /**
     * @param ofExtensions see {@link ExtensionTables#read}
     * @param former the tables, as {@code schema.table}, that the connector has watched before
     * @param role the connected role, for the statements in messages
     * @param installing whether that role creates the triggers
     */
    WatcherResolver(
            List<CatalogTable> relations,
            Map<Long, String> ofExtensions,
            Set<String> former,
            String ownSchema,
            String role,
            boolean installing) {
        this.relations = relations;
        this.obstacles = new TableObstacles(relations, ofExtensions, role, installing);
        this.former = former;
        this.ownSchema = ownSchema;
        this.role = role;
        this.installing = installing;
    }

    void match(Watcher watcher) {
        Optional<TableName> exact = watcher.pattern().exactName();
        if (exact.isPresent()) {
            relations.stream()
                    .filter(relation -> relation.name().equals(exact.get()))
                    .findFirst()
                    .ifPresentOrElse(
                            relation -> matchExact(watcher, relation),
                            () -> add(
                                    TableProblem.Kind.MISSING,
                                    exact.get(),
                                    tableSetting(watcher),
                                    exact.get().schema().equals(ownSchema)
                                            ? exact.get()
                                                    + " does not exist, or a connector has created it for itself and it"
                                                    + " cannot be watched. Name another table, or remove it."
                                            : obstacles.unknown(exact.get())));
        } else {
            matchGlob(watcher);
        }
    }

    private void matchExact(Watcher watcher, CatalogTable relation) {
        Optional<String> obstacle = obstacle(watcher, relation);
        if (obstacle.isPresent()) {
            add(TableProblem.Kind.STATE, relation.name(), tableSetting(watcher), obstacle.get());
        } else {
            add(watcher, relation);
        }
    }

    private void add(TableProblem.Kind kind, TableName table, String setting, String message) {
        problems.add(new TableProblem(kind, List.of(table.toString()), new ConfigProblem(setting, message)));
    }

    private void matchGlob(Watcher watcher) {
        boolean found = false;
        for (CatalogTable relation : relations) {
            // A partition is watched through its root; the connector's own tables are not watched.
            if (!relation.kind().watchable()
                    || relation.partition()
                    || relation.name().schema().equals(ownSchema)
                    || !watcher.pattern().matches(relation.name())) {
                continue;
            }
            Optional<String> obstacle = obstacle(watcher, relation);
            if (obstacle.isEmpty()) {
                add(watcher, relation);
                found = true;
            } else if (former.contains(relation.name().toString())) {
                add(TableProblem.Kind.STATE, relation.name(), tableSetting(watcher), obstacle.get());
                found = true;
            } else {
                leftOut.add(obstacle.get());
            }
        }
        if (!found) {
            problems.add(new TableProblem(
                    TableProblem.Kind.STATE,
                    List.of(watcher.pattern().toString()),
                    new ConfigProblem(
                            tableSetting(watcher),
                            watcher.pattern() + " matches no table that can be watched."
                                    + (leftOut.isEmpty() ? "" : " Skipped: " + String.join(" ", leftOut)))));
        }
    }

    private void add(Watcher watcher, CatalogTable relation) {
        List<Watcher> watchers = matches.computeIfAbsent(relation, any -> new ArrayList<>());
        // Two patterns of the short form may match the same table; it still gets one watcher.
        boolean again = watcher.shortForm() && watchers.stream().anyMatch(Watcher::shortForm);
        if (!again) {
            watchers.add(watcher);
        }
    }

    private Optional<String> obstacle(Watcher watcher, CatalogTable relation) {
        Optional<String> lacking = obstacles.of(relation);
        if (lacking.isPresent()) {
            return lacking;
        }
        Optional<String> privilege = obstacles.missingPrivilege(relation);
        if (privilege.isPresent() && relation.hasTriggers()) {
            // As for a new partition: PostgreSQL has cloned the triggers to it, and they work.
            ungranted.putIfAbsent(relation.oid(), new ConfigProblem(tableSetting(watcher), privilege.get()));
            return Optional.empty();
        }
        return privilege;
    }

    /** Leaves out the tables beyond that number. */
    void limit(int tablesMax) {
        TableLimit.apply(tablesMax, matches, former).ifPresent(problems::add);
    }

    Collection<Long> matchedOids() {
        return matches.keySet().stream().map(CatalogTable::oid).toList();
    }

    ResolvedWatchers watchlist(Map<Long, List<Column>> columns, OrderRisks risks, TopicFormat topics) {
        Map<TableName, WatchedTable> tables = new TreeMap<>();
        TopicAssignment assignment = new TopicAssignment(topics);
        ColumnLookup lookup = new ColumnLookup();
        SharedTopics shared = new SharedTopics();
        // If two tables get in each other's way, the one that is watched already goes on.
        List<Map.Entry<CatalogTable, List<Watcher>>> order = matches.entrySet().stream()
                .sorted(Comparator.comparing(match -> !match.getKey().hasTriggers()))
                .toList();
        order.forEach(match -> {
            CatalogTable relation = match.getKey();
            List<Watcher> watchers = match.getValue();
            List<Column> all = columns.getOrDefault(relation.oid(), List.of());
            checkReplicated(relation, watchers);
            TableShape shape = new TableShape(
                    relation.oid(),
                    relation.name(),
                    relation.owner(),
                    all,
                    named(all, relation.key()),
                    relation.triggers(
                            watchers.stream()
                                    .anyMatch(watcher -> watcher.options().replicated()),
                            watchers.stream()
                                    .anyMatch(watcher -> watcher.options().rowTriggers())),
                    risks.byTable().getOrDefault(relation.oid(), Set.of()));
            List<WatchedTable.TableWatcher> parts = new ArrayList<>();
            for (Watcher watcher : watchers) {
                WatchedTable.TableWatcher part = new WatchedTable.TableWatcher(
                        watcher.name(),
                        watcher.events(),
                        lookup.find(watcher, "extra.columns", watcher.extraColumns(), shape),
                        watcher.label(),
                        assignment.topics(watcher, relation.name()),
                        filter(watcher, shape, lookup));
                shared.add(watcher, shape, part);
                parts.add(part);
            }
            WatchedTable table = new WatchedTable(shape, parts);
            checkSize(table, watchers.get(watchers.size() - 1));
            tables.put(relation.name(), table);
        });
        problems.addAll(lookup.problems());
        problems.addAll(assignment.problems());
        problems.addAll(shared.problems());
        checkPartitionsBesideTheirRoot();
        return new ResolvedWatchers(
                List.copyOf(tables.values()), problems, List.copyOf(leftOut), risks.warnings(), ungranted);
    }

    private static WatcherFilter filter(Watcher watcher, TableShape shape, ColumnLookup lookup) {
        WatcherOptions options = watcher.options();
        boolean updates = watcher.events().contains(Event.UPDATED);
        return new WatcherFilter(
                lookup.find(watcher, "columns", options.columns(), shape),
                options.when(),
                lookup.findKey(watcher, "key.columns", options.keyColumns(), shape),
                updates && options.changedColumns(),
                updates && options.skipUnchanged(),
                updates && options.oldValues() && !watcher.extraColumns().isEmpty(),
                updates ? options.collapse() : Collapse.NONE);
    }

    /** The TRIGGER privilege allows to create a trigger, but not to change when it fires. */
    private void checkReplicated(CatalogTable relation, List<Watcher> watchers) {
        if (!installing || relation.owned()) {
            return;
        }
        watchers.stream()
                .filter(watcher -> watcher.options().replicated())
                .findFirst()
                .ifPresent(watcher -> add(
                        TableProblem.Kind.SETTINGS,
                        relation.name(),
                        watcher.shortForm() ? "replicated" : watcher.name() + ".replicated",
                        "Only the owner of " + relation.name() + " can make triggers fire for changes that replication"
                                + " applies (ENABLE ALWAYS). Run: GRANT " + SqlText.identifier(relation.owner())
                                + " TO "
                                + SqlText.identifier(role) + "; or let the owner install the triggers with"
                                + " install.mode=print."));
    }

    private void checkSize(WatchedTable table, Watcher last) {
        if (table.entry().fields().all().size() > MOST_COLUMNS) {
            add(
                    TableProblem.Kind.SETTINGS,
                    table.shape().name(),
                    last.name() + ".extra.columns",
                    "The watchers of " + table.shape().name() + " need "
                            + table.entry().fields().all().size()
                            + " columns, its key included. A change can carry at most "
                            + MOST_COLUMNS + ".");
        }
        if (table.entry().filteredWatchers().size() > WatchedTable.MOST_WATCHERS) {
            add(
                    TableProblem.Kind.SETTINGS,
                    table.shape().name(),
                    last.name(),
                    table.shape().name() + " has "
                            + table.entry().filteredWatchers().size() + " watchers, and some of them"
                            + " filter changes. With filters a table can have at most "
                            + WatchedTable.MOST_WATCHERS + ".");
        }
    }

    private static List<Column> named(List<Column> columns, List<String> names) {
        Map<String, Column> byName = columns.stream().collect(Collectors.toMap(Column::name, column -> column));
        return names.stream().map(byName::get).toList();
    }

    /**
     * PostgreSQL clones a root's row triggers to its partitions. Changes of a partition that is also watched itself would
     * be published twice.
     */
    private void checkPartitionsBesideTheirRoot() {
        matches.forEach((relation, watchers) -> {
            if (relation.partition() && matches.keySet().stream().anyMatch(relation::partitionOf)) {
                add(
                        TableProblem.Kind.SETTINGS,
                        relation.name(),
                        tableSetting(watchers.get(0)),
                        relation.name() + " is a partition of a table that is also watched, so its changes would be"
                                + " published twice. Remove one of the two.");
            }
        });
    }

    private static String tableSetting(Watcher watcher) {
        return watcher.shortForm() ? watcher.name() : watcher.name() + ".table";
    }
}
