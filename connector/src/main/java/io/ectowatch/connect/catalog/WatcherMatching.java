package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.config.SpellingSuggestion;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.config.WatcherOptions;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds the tables of each watcher, and whatever keeps them from being watched. Pure: the catalog is read elsewhere. */
final class WatcherMatching {

    /** A change is built by one call of a PostgreSQL function, which takes so many arguments (FUNC_MAX_ARGS). */
    private static final int MOST_COLUMNS = 100;

    /** What needs no quotes. */
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

    private final List<Relation> relations;
    private final String ownSchema;
    private final String role;
    private final boolean installing;
    private final Map<Relation, List<Watcher>> matches = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> leftOut = new LinkedHashSet<>();
    private final Map<Long, Problem> ungranted = new HashMap<>();

    /**
     * @param role the connected role, for the statements in messages
     * @param installing whether that role is to make the triggers
     */
    WatcherMatching(List<Relation> relations, String ownSchema, String role, boolean installing) {
        this.relations = relations;
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
                            relation -> matchExact(watcher, relation), () -> unknownTable(watcher, exact.get()));
        } else {
            matchGlob(watcher);
        }
    }

    private void matchExact(Watcher watcher, Relation relation) {
        Optional<String> obstacle = obstacle(watcher, relation);
        if (obstacle.isPresent()) {
            problems.add(new Problem(tableSetting(watcher), obstacle.get()));
        } else {
            add(watcher, relation);
        }
    }

    private void matchGlob(Watcher watcher) {
        boolean found = false;
        for (Relation relation : relations) {
            // A partition is watched through its root, and the connector's own tables not at all.
            if (!relation.kind().watchable()
                    || relation.partition()
                    || relation.name().schema().equals(ownSchema)
                    || !watcher.pattern().matches(relation.name())) {
                continue;
            }
            Optional<String> obstacle = obstacle(watcher, relation);
            if (obstacle.isPresent()) {
                leftOut.add(obstacle.get());
            } else {
                add(watcher, relation);
                found = true;
            }
        }
        if (!found) {
            problems.add(new Problem(
                    tableSetting(watcher),
                    watcher.pattern() + " matches no table that can be watched."
                            + (leftOut.isEmpty() ? "" : " Left out: " + String.join(" ", leftOut))));
        }
    }

    private void add(Watcher watcher, Relation relation) {
        List<Watcher> watchers = matches.computeIfAbsent(relation, any -> new ArrayList<>());
        // Two patterns of the short form may meet on one table; that is one wish, not two.
        boolean again = watcher.shortForm() && watchers.stream().anyMatch(Watcher::shortForm);
        if (!again) {
            watchers.add(watcher);
        }
    }

    private Optional<String> obstacle(Watcher watcher, Relation relation) {
        TableName name = relation.name();
        if (!relation.kind().watchable()) {
            return Optional.of(name + " is a " + relation.kind().text
                    + ", which cannot have the triggers that report row changes; watch the tables behind it.");
        }
        if (relation.key().isEmpty()) {
            return Optional.of(name + " has no primary key, and records are keyed by it: add one (ALTER TABLE "
                    + SqlText.identifier(name.schema(), name.table()) + " ADD PRIMARY KEY ...).");
        }
        Optional<String> privilege = missingPrivilege(relation);
        if (privilege.isPresent() && relation.hasTriggers()) {
            // As when somebody has added a partition: PostgreSQL has given it the triggers, and they work.
            ungranted.putIfAbsent(relation.oid(), new Problem(tableSetting(watcher), privilege.get()));
            return Optional.empty();
        }
        return privilege;
    }

    /** What the role lacks to make triggers on the table. */
    private Optional<String> missingPrivilege(Relation relation) {
        TableName name = relation.name();
        if (!relation.mayUseSchema()) {
            return Optional.of("The connector's role may not use the schema of " + name + ". As its owner run: GRANT"
                    + " USAGE ON SCHEMA " + SqlText.identifier(name.schema()) + " TO " + SqlText.identifier(role)
                    + ";");
        }
        List<String> closed = closed(relation);
        if (!closed.isEmpty()) {
            return Optional.of("The connector's role may not create triggers on " + name
                    + (relation.mayTrigger() ? "'s partitions" : "") + ". As its owner (" + relation.owner()
                    + ") run: GRANT TRIGGER ON TABLE " + String.join(", ", closed) + " TO " + SqlText.identifier(role)
                    + ";");
        }
        return Optional.empty();
    }

    /** What the role may not create triggers on: the table, and partitions of it, to which its triggers are cloned. */
    private List<String> closed(Relation relation) {
        return relations.stream()
                .filter(one -> one.equals(relation) || one.partitionOf(relation))
                .filter(one -> installing && !one.mayTrigger())
                .map(one -> SqlText.identifier(one.name().schema(), one.name().table()))
                .toList();
    }

    private void unknownTable(Watcher watcher, TableName name) {
        List<String> known = relations.stream()
                .filter(relation -> relation.kind().watchable())
                .map(relation -> asWritten(relation.name()))
                .toList();
        problems.add(new Problem(
                tableSetting(watcher),
                "There is no table " + name + "."
                        + relations.stream()
                                .filter(relation -> relation.name().toString().equalsIgnoreCase(name.toString()))
                                .findFirst()
                                .map(odd -> " Names without quotes are folded to lower case; write "
                                        + SqlText.identifier(
                                                odd.name().schema(), odd.name().table()) + ".")
                                .or(() -> SpellingSuggestion.closest(name.toString(), known)
                                        .map(close -> " Did you mean " + close + "?"))
                                .orElse(" Check its schema and name, and that connection.url names the right"
                                        + " database.")));
    }

    /** The name as it has to be written in a setting. */
    private static String asWritten(TableName name) {
        boolean plain = PLAIN.matcher(name.schema()).matches()
                && PLAIN.matcher(name.table()).matches();
        return plain ? name.toString() : SqlText.identifier(name.schema(), name.table());
    }

    Collection<Long> matchedOids() {
        return matches.keySet().stream().map(Relation::oid).toList();
    }

    Watchlist watchlist(Map<Long, List<Column>> columns, TopicFormat topics) {
        Map<TableName, WatchedTable> tables = new TreeMap<>();
        TopicAssignment assignment = new TopicAssignment(topics);
        ColumnLookup lookup = new ColumnLookup();
        SharedTopics shared = new SharedTopics();
        matches.forEach((relation, watchers) -> {
            List<Column> all = columns.getOrDefault(relation.oid(), List.of());
            checkReplicated(relation, watchers);
            TableShape shape = new TableShape(
                    relation.oid(),
                    relation.name(),
                    relation.owner(),
                    all,
                    named(all, relation.key()),
                    relation.triggers(watchers.stream()
                            .anyMatch(watcher -> watcher.options().replicated())));
            List<WatchedTable.TableWatcher> parts = new ArrayList<>();
            for (Watcher watcher : watchers) {
                WatchedTable.TableWatcher part = new WatchedTable.TableWatcher(
                        watcher.name(),
                        watcher.events(),
                        lookup.find(watcher, "extra.columns", watcher.extraColumns(), shape),
                        watcher.label(),
                        assignment.topics(watcher, relation.name()),
                        refinement(watcher, shape, lookup));
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
        problems.addAll(partitionsBesideTheirRoot());
        return new Watchlist(List.copyOf(tables.values()), problems, List.copyOf(leftOut), ungranted);
    }

    private static Refinement refinement(Watcher watcher, TableShape shape, ColumnLookup lookup) {
        WatcherOptions options = watcher.options();
        boolean updates = watcher.events().contains(Event.UPDATED);
        return new Refinement(
                lookup.find(watcher, "columns", options.columns(), shape),
                options.when(),
                lookup.findKey(watcher, "key.columns", options.keyColumns(), shape),
                updates && options.changedColumns(),
                updates && options.skipUnchanged(),
                updates && options.oldValues() && !watcher.extraColumns().isEmpty());
    }

    /** TRIGGER, which suffices to make one, is not enough to say when it fires. */
    private void checkReplicated(Relation relation, List<Watcher> watchers) {
        if (!installing || relation.owned()) {
            return;
        }
        watchers.stream()
                .filter(watcher -> watcher.options().replicated())
                .findFirst()
                .ifPresent(watcher -> problems.add(new Problem(
                        watcher.shortForm() ? "replicated" : watcher.name() + ".replicated",
                        "Only the owner of " + relation.name() + " can have triggers fire for what replication applies"
                                + " (ENABLE ALWAYS). Run: GRANT " + SqlText.identifier(relation.owner()) + " TO "
                                + SqlText.identifier(role) + "; or have the owner install them, with"
                                + " install.mode=print.")));
    }

    private void checkSize(WatchedTable table, Watcher last) {
        if (table.entry().size() > MOST_COLUMNS) {
            problems.add(new Problem(
                    last.name() + ".extra.columns",
                    "The watchers of " + table.shape().name() + " ask for "
                            + table.entry().size() + " columns, its key included; a change can carry " + MOST_COLUMNS
                            + "."));
        }
        if (table.entry().choosers().size() > WatchedTable.MOST_WATCHERS) {
            problems.add(new Problem(
                    last.name(),
                    table.shape().name() + " has " + table.entry().choosers().size() + " watchers, of which some leave"
                            + " changes out; that can be told apart for " + WatchedTable.MOST_WATCHERS + "."));
        }
    }

    private static List<Column> named(List<Column> columns, List<String> names) {
        Map<String, Column> byName = columns.stream().collect(Collectors.toMap(Column::name, column -> column));
        return names.stream().map(byName::get).toList();
    }

    /** A root's row triggers are cloned to its partitions; a partition of its own beside it would be told twice. */
    private List<Problem> partitionsBesideTheirRoot() {
        boolean roots =
                matches.keySet().stream().anyMatch(relation -> relation.kind() == Relation.Kind.PARTITIONED_TABLE);
        if (!roots) {
            return List.of();
        }
        List<Problem> found = new ArrayList<>();
        matches.forEach((relation, watchers) -> {
            if (relation.partition() && matches.keySet().stream().anyMatch(root -> relation.partitionOf(root))) {
                found.add(new Problem(
                        tableSetting(watchers.get(0)),
                        relation.name() + " is a partition of a table that is watched too, so its changes would be"
                                + " reported twice: leave one of the two out."));
            }
        });
        return found;
    }

    private static String tableSetting(Watcher watcher) {
        return watcher.shortForm() ? watcher.name() : watcher.name() + ".table";
    }
}
