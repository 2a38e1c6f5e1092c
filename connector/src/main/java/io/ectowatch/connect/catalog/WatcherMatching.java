package io.ectowatch.connect.catalog;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.config.SpellingSuggestion;
import io.ectowatch.connect.config.TableName;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.Collection;
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
    private final Map<Relation, List<Watcher>> matches = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> leftOut = new LinkedHashSet<>();

    /** {@code role} is the connected role, for the statements in messages. */
    WatcherMatching(List<Relation> relations, String ownSchema, String role) {
        this.relations = relations;
        this.ownSchema = ownSchema;
        this.role = role;
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
        Optional<String> obstacle = obstacle(relation);
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
            Optional<String> obstacle = obstacle(relation);
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

    private Optional<String> obstacle(Relation relation) {
        TableName name = relation.name();
        if (!relation.kind().watchable()) {
            return Optional.of(name + " is a " + relation.kind().text
                    + ", which cannot have the triggers that report row changes; watch the tables behind it.");
        }
        if (relation.key().isEmpty()) {
            return Optional.of(name + " has no primary key, and records are keyed by it: add one (ALTER TABLE "
                    + SqlText.identifier(name.schema(), name.table()) + " ADD PRIMARY KEY ...).");
        }
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
                .filter(one -> !one.mayTrigger())
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
        matches.forEach((relation, watchers) -> {
            List<Column> all = columns.getOrDefault(relation.oid(), List.of());
            TableShape shape = new TableShape(
                    relation.oid(),
                    relation.name(),
                    relation.owner(),
                    all,
                    named(all, relation.key()),
                    relation.triggers());
            List<WatchedTable.TableWatcher> parts = new ArrayList<>();
            for (Watcher watcher : watchers) {
                Set<Event> events = watcher.events();
                parts.add(new WatchedTable.TableWatcher(
                        events,
                        extraColumns(watcher, shape),
                        watcher.label(),
                        assignment.topics(watcher, relation.name())));
            }
            WatchedTable table = new WatchedTable(shape, parts);
            if (table.carried().size() > MOST_COLUMNS) {
                extraColumnProblem(
                        watchers.get(watchers.size() - 1),
                        "The watchers of " + shape.name() + " ask for "
                                + table.carried().size() + " columns, its key included; a change can carry "
                                + MOST_COLUMNS + ".");
            }
            tables.put(relation.name(), table);
        });
        problems.addAll(assignment.problems());
        problems.addAll(partitionsBesideTheirRoot());
        return new Watchlist(List.copyOf(tables.values()), problems, List.copyOf(leftOut));
    }

    private static List<Column> named(List<Column> columns, List<String> names) {
        Map<String, Column> byName = columns.stream().collect(Collectors.toMap(Column::name, column -> column));
        return names.stream().map(byName::get).toList();
    }

    private List<Column> extraColumns(Watcher watcher, TableShape shape) {
        List<Column> found = new ArrayList<>();
        for (String wanted : watcher.extraColumns()) {
            Optional<Column> column = shape.column(wanted);
            if (column.isEmpty()) {
                extraColumnProblem(
                        watcher, "Table " + shape.name() + " has no column " + wanted + "." + hint(wanted, shape));
            } else if (found.contains(column.get())) {
                extraColumnProblem(watcher, "Column " + wanted + " is named twice.");
            } else if (column.get().virtual()) {
                extraColumnProblem(
                        watcher,
                        "Column " + wanted + " of " + shape.name() + " is a virtual generated column, which PostgreSQL"
                                + " does not compute in triggers: leave it out, or make it a stored one.");
            } else {
                found.add(column.get());
            }
        }
        return found;
    }

    private void extraColumnProblem(Watcher watcher, String message) {
        problems.add(new Problem(watcher.name() + ".extra.columns", message));
    }

    private static String hint(String wanted, TableShape shape) {
        List<String> names = shape.columns().stream().map(Column::name).toList();
        return SpellingSuggestion.closest(wanted, names)
                .map(close -> " Did you mean " + close + "?")
                .orElse(" It has: " + String.join(", ", names) + ".");
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
