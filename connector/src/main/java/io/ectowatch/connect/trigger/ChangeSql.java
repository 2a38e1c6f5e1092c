package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL by which a trigger of one table determines the changes of a statement, for both deliveries. An entry is the
 * JSON array of one row's values, as described in {@link ChangeLayout}, as text. If an update changed a row's key, a
 * number that the statement's rows share comes first.
 */
final class ChangeSql {

    private static final Template CHANGES = Template.load("changes.sql");
    private static final Template FILTERED = Template.load("changes-filtered.sql");

    private final WatchedTable table;
    private final FilterSql filter;
    private final int entryBytes;
    private final EntrySql entry;

    /** @param entryBytes a larger entry is shortened to its key, and is null if that is larger, too */
    ChangeSql(ObjectNames names, WatchedTable table, int entryBytes) {
        this.table = table;
        this.filter = new FilterSql(names, table, entryBytes);
        this.entryBytes = entryBytes;
        this.entry = new EntrySql(table, entryBytes);
    }

    /** Whether an entry consists only of the carried columns, and every row is published. */
    boolean isPlain() {
        return table.isPlain();
    }

    /** A query with a row for each change: {@code event} (a letter, see {@link EventCode}) and {@code entry}. */
    String changes(Operation operation) {
        return changes(operation, false);
    }

    /**
     * Like {@link #changes(Operation)}.
     *
     * @param remaining whether to leave out as many rows as the variable {@code taken} says; only if every row is published
     */
    String changes(Operation operation, boolean remaining) {
        Map<String, String> places = places(operation);
        if (!isPlain() && operation != Operation.TRUNCATE) {
            filter(places, operation);
            return FILTERED.fill(places, Set.of(shape(operation))).stripTrailing();
        }
        Set<String> flags = new HashSet<>(sizeFlags());
        flags.add(shape(operation));
        if (remaining) {
            flags.add("remaining");
        }
        switch (operation) {
            case INSERT, DELETE -> {
                places.put("key of r", entry.key("r"));
                places.put("entry", entry.printable("r"));
            }
            case UPDATE -> {
                places.put("key of n", entry.key("n"));
                places.put("key of o", entry.key("o"));
                places.put("new entry", entry.printable("n"));
                places.put("old entry", entry.printable("o"));
                places.put("events", events());
            }
            case TRUNCATE -> {}
        }
        return CHANGES.fill(places, flags).stripTrailing();
    }

    /** {@code one sided}, {@code update} or {@code truncate}. */
    static String shape(Operation operation) {
        return operation == Operation.INSERT || operation == Operation.DELETE ? "one sided" : operation.text();
    }

    /** Flags for what may be too large for an entry. */
    Set<String> sizeFlags() {
        Set<String> flags = new HashSet<>();
        if (!entry.alwaysFits()) {
            flags.add("bounded");
        }
        if (entry.hasExtraColumns()) {
            flags.add("extra columns");
        }
        return flags;
    }

    /** The places of every template: the rows of the statement, in parentheses. */
    private Map<String, String> places(Operation operation) {
        Map<String, String> places = new HashMap<>(EventCode.PLACES);
        places.put("event", operation.code().sql());
        places.put("entry bytes", Integer.toString(entryBytes));
        switch (operation) {
            case INSERT -> places.put("rows", newRows(operation));
            case DELETE -> places.put("rows", oldRows(operation));
            case UPDATE -> {
                places.put("new rows", newRows(operation));
                places.put("old rows", oldRows(operation));
            }
            case TRUNCATE -> {}
        }
        return places;
    }

    /**
     * Adds what a function needs to read the single change of a statement; and returns the flags for it.
     *
     * <p>Unless every row is published, an UPDATE has a {@code change}: a relation with the rows of {@link #changes} if there
     * is at most one and its key has not changed; otherwise with any two of them. Its columns are {@code entry}, {@code
     * key_entry}, and {@code key_changed}.
     */
    Set<String> single(Map<String, String> values, Operation operation) {
        values.putAll(places(operation));
        Set<String> flags = new HashSet<>(sizeFlags());
        flags.add(shape(operation));
        if (operation == Operation.TRUNCATE) {
            return flags;
        }
        if (!isPlain()) {
            flags.add("filtered");
            flags.add("filtered " + shape(operation));
            if (operation == Operation.UPDATE) {
                Map<String, String> places = places(operation);
                filter(places, operation);
                values.put(
                        "change", FILTERED.fill(places, Set.of("single update")).stripTrailing());
            }
            return flags;
        }
        flags.add("plain");
        boolean eachRow = operation.forEachRow(table.shape().triggers());
        if (eachRow) {
            flags.add("each row");
        }
        String oneSided = operation == Operation.DELETE ? EntrySql.OLD : EntrySql.NEW;
        String alias = eachRow ? oneSided : operation == Operation.UPDATE ? "n" : "r";
        values.put("entry", entry.whole(alias));
        values.put("key entry", entry.key(alias));
        values.put("entry length", EntrySql.length(entry.whole(alias)));
        values.put("key entry length", EntrySql.length(entry.key(alias)));
        values.put("key changed", eachRow ? entry.keysDiffer(EntrySql.NEW, EntrySql.OLD) : entry.keysDiffer("n", "o"));
        String tooLarge = entry.tooLarge(alias);
        values.put("unprintable", tooLarge);
        if (!tooLarge.isEmpty()) {
            flags.add("unprintable");
        }
        return flags;
    }

    /** The {@code SET} clauses that make the function's output the same in every session. */
    String pinnedSettings() {
        if (!filter.needsPinnedSettings()) {
            return "";
        }
        return PinnedSettings.VALUES.entrySet().stream()
                .map(setting -> "SET " + setting.getKey() + " = " + SqlText.literal(setting.getValue()))
                .collect(Collectors.joining("\n"));
    }

    /** Adds what a template needs to read the keys of the new or the old rows of the statement: {@code key of r}. */
    void keys(Map<String, String> values, Operation operation) {
        values.put("key of r", entry.key("r"));
        if (operation != Operation.DELETE) {
            values.put("new rows", newRows(operation));
        }
        if (operation != Operation.INSERT) {
            values.put("old rows", oldRows(operation));
        }
    }

    /** A query, in parentheses, for the carried columns of the new rows, and further columns that are read, as c0, c1, ... */
    private String newRows(Operation operation) {
        return rows(operation.newRows(table.shape().triggers()), "NEW");
    }

    /** The same for the old rows. */
    private String oldRows(Operation operation) {
        return rows(operation.oldRows(table.shape().triggers()), "OLD");
    }

    private String rows(@Nullable String transitionTable, String rowRecord) {
        Function<Column, String> reference =
                column -> (transitionTable == null ? rowRecord : "x") + "." + SqlText.identifier(column.name());
        List<String> columns = new ArrayList<>();
        for (Column column : filter.read()) {
            columns.add(reference.apply(column) + " AS c" + columns.size());
        }
        if (filter.readsWholeRows()) {
            // x alone could be a column of that name. And the application cannot define a cast to record.
            columns.add((transitionTable == null ? rowRecord : "x.*::record") + " AS whole");
        }
        return SqlLayout.parenthesized(
                SqlLayout.select(columns, transitionTable == null ? null : transitionTable + " AS x"));
    }

    /** Adds the places of the template for a table not every row of which is published. */
    private void filter(Map<String, String> places, Operation operation) {
        boolean everyone = table.entry().filteredWatchers().isEmpty();
        if (operation == Operation.UPDATE) {
            places.put("key of n", entry.matchingKey("n"));
            places.put("key of o", entry.matchingKey("o"));
            places.put("collation", entry.matchingCollation());
            places.put("columns", filter.bothRows());
            places.put("key changed", entry.keysDiffer("n", "o"));
            places.put("short entry", filter.update(false));
            places.put("entry", filter.update(true));
            places.put("choice", everyone ? "0" : filter.updateChoice());
            places.put("wanted", everyone ? "m.event IN (" + events() + ")" : "m.choice <> 0");
        } else {
            places.put("short entry", filter.oneSided(false));
            places.put("entry", filter.oneSided(true));
            places.put(
                    "choice",
                    everyone ? "0" : filter.oneSidedChoice(operation.code().event()));
            places.put("wanted", everyone ? "true" : "m.choice <> 0");
        }
    }

    /** The codes of the events that an update can cause and that a watcher publishes. */
    private String events() {
        return Stream.of(EventCode.KEY_INSERTED, EventCode.UPDATED, EventCode.KEY_DELETED)
                .filter(code -> table.events().contains(code.event()))
                .map(EventCode::sql)
                .collect(Collectors.joining(", "));
    }

    /** Whether no entry of this table can be too large. */
    boolean alwaysFits() {
        return entry.alwaysFits();
    }
}
