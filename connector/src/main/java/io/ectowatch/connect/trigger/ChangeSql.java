package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The SQL by which a trigger of one table determines the changes of a statement, for both deliveries. An entry is the
 * JSON array of one row's values, as described in {@link ChangeLayout}, as text. If an update changed a row's key, a
 * number that the statement's rows share comes first.
 */
final class ChangeSql {

    private static final Template UPDATE = Template.load("changes-update.sql");
    private static final Template ONE_SIDED = Template.load("changes-one-sided.sql");
    private static final Template REFINED_UPDATE = Template.load("refined-update.sql");
    private static final Template REFINED_SINGLE_UPDATE = Template.load("refined-single-update.sql");
    private static final Template SINGLE = Template.of("(\n    ${changes}\n) AS c");
    private static final Template REFINED_ONE_SIDED = Template.load("refined-one-sided.sql");

    /** The maximum size in JSON of a value of a fixed-length kind, in bytes. */
    private static final int FIXED_VALUE_BYTES = 45;

    private final WatchedTable table;
    private final FilterSql refined;
    private final int entryBytes;
    private final List<Column> carried;
    private final List<Column> key;

    /** @param entryBytes a larger entry is shortened to its key, and is null if that is larger, too */
    ChangeSql(ObjectNames names, WatchedTable table, int entryBytes) {
        this.table = table;
        this.refined = new FilterSql(names, table, entryBytes);
        this.entryBytes = entryBytes;
        this.carried = table.carried();
        this.key = table.shape().key();
    }

    /** Whether an entry consists only of the carried columns, and every row is published. */
    boolean isPlain() {
        return table.isPlain();
    }

    /** A query with a row for each change: {@code event} (a letter, see {@link EventCode}) and {@code entry}. */
    String changes(Operation operation) {
        return changes(operation, rows -> rows);
    }

    /** Like {@link #changes}, where {@code part} modifies the queries for the rows; only if every row is published. */
    String changes(Operation operation, UnaryOperator<String> part) {
        if (!isPlain() && operation != Operation.TRUNCATE) {
            return refined(operation);
        }
        return switch (operation) {
            case INSERT -> oneSided(operation, part.apply(newRows(operation)));
            case DELETE -> oneSided(operation, part.apply(oldRows(operation)));
            case UPDATE -> update(part.apply(newRows(operation)), part.apply(oldRows(operation)));
            case TRUNCATE -> "SELECT " + operation.code().sql() + " AS event, 'null' AS entry";
        };
    }

    /** The {@code SET} clauses that make the function's output the same in every session. */
    String pinnedSettings() {
        if (!refined.needsPinnedSettings()) {
            return "";
        }
        return PinnedSettings.VALUES.entrySet().stream()
                .map(setting -> "\nSET " + setting.getKey() + " = " + SqlText.literal(setting.getValue()))
                .collect(Collectors.joining());
    }

    /** A query for the keys of such rows as text, in a column {@code key}. */
    String keys(String rows) {
        return "SELECT " + array(key, "r") + " COLLATE \"C\" AS key FROM (" + rows + ") AS r";
    }

    /** A query for the carried columns of the new rows, and further columns that are read, as c0, c1, ... */
    String newRows(Operation operation) {
        return rows(operation.newRows(table.shape().triggers()), "NEW");
    }

    /** A query for the carried columns of the old rows, and further columns that are read, as c0, c1, ... */
    String oldRows(Operation operation) {
        return rows(operation.oldRows(table.shape().triggers()), "OLD");
    }

    private String rows(String transitionTable, String rowRecord) {
        Function<Column, String> reference =
                column -> (transitionTable == null ? rowRecord : "x") + "." + SqlText.identifier(column.name());
        List<String> columns = new ArrayList<>();
        for (Column column : refined.read()) {
            columns.add(reference.apply(column) + " AS c" + columns.size());
        }
        if (refined.readsWholeRows()) {
            // x alone could be a column of that name. And the application cannot define a cast to record.
            columns.add((transitionTable == null ? rowRecord : "x.*::record") + " AS whole");
        }
        return "SELECT " + String.join(", ", columns)
                + (transitionTable == null ? "" : " FROM " + transitionTable + " AS x");
    }

    /** The entry of a row of {@link #newRows} or {@link #oldRows}, shortened, or null if it is too large. */
    String boundedEntry(String alias) {
        if (alwaysFits()) {
            return array(carried, alias);
        }
        String bounded = "CASE WHEN " + printable(alias) + "octet_length(" + array(carried, alias) + ") <= "
                + entryBytes + " THEN " + array(carried, alias);
        return bounded
                + (carried.equals(key)
                        ? ""
                        : " WHEN octet_length(" + array(key, alias) + ") <= " + entryBytes + " THEN "
                                + array(key, alias))
                + " END";
    }

    /**
     * A condition that is true unless a column is too large for an entry, followed by AND; empty if no column can be.
     * JSON takes up to six bytes for one, and PostgreSQL fails if it would take more than a gigabyte. A key is never
     * that large, since its index could not contain it.
     */
    private String printable(String alias) {
        String tooLarge = carried.stream()
                .filter(column -> !key.contains(column) && !column.kind().fixedLength())
                .map(column -> tooLarge(column, alias + ".c" + carried.indexOf(column), entryBytes))
                .collect(Collectors.joining(" OR "));
        return tooLarge.isEmpty() ? "" : "(" + tooLarge + ") IS NOT TRUE AND ";
    }

    /** Whether one value is larger than {@code bytes}. */
    static String tooLarge(Column column, String reference, int bytes) {
        // The length of a text or a bytea is known without reading it.
        return "octet_length("
                + (column.kind() == ColumnKind.BYTES ? column.value(reference) : column.expression(reference))
                + ") > " + bytes;
    }

    /** Like {@link #array} of the carried columns; null if one of them is too large to be printed. */
    private String printableEntry(String alias) {
        String printable = printable(alias);
        return printable.isEmpty()
                ? array(carried, alias)
                : "CASE WHEN " + printable + "true THEN " + array(carried, alias) + " END";
    }

    /** Whether two rows have different keys. Integers are compared as integers, which is faster. */
    String keysDiffer(String one, String other) {
        if (!integerKey()) {
            return array(key, one) + " <> " + array(key, other) + " COLLATE \"C\"";
        }
        return key.stream()
                .map(column -> column.expression(one + ".c" + carried.indexOf(column)) + " <> "
                        + column.expression(other + ".c" + carried.indexOf(column)))
                .collect(Collectors.joining(" OR "));
    }

    private boolean integerKey() {
        return key.stream().allMatch(column -> switch (column.kind()) {
            case INT16, INT32, INT64 -> true;
            default -> false;
        });
    }

    private String refined(Operation operation) {
        Map<String, String> places = refinedPlaces(operation);
        if (operation != Operation.UPDATE) {
            return REFINED_ONE_SIDED.fill(places);
        }
        // A single integer is faster to compare and to hash than the text of a key.
        boolean plainKey = key.size() == 1 && integerKey();
        places.put("key of n", plainKey ? key.get(0).value("n.c0") : array(key, "n"));
        places.put("key of o", plainKey ? key.get(0).value("o.c0") : array(key, "o"));
        places.put("collation", plainKey ? "" : " COLLATE \"C\"");
        places.put("linked entry", linked(boundedRefined()));
        return REFINED_UPDATE.fill(places);
    }

    /**
     * A relation with the rows of {@link #changes} if there is at most one and its key has not changed; otherwise
     * with any two of them. Columns: {@code entry} and, for an update, {@code unlike}, which says whether the key has
     * changed.
     */
    String single(Operation operation) {
        if (operation != Operation.UPDATE) {
            return SINGLE.fill(Map.of("changes", refined(operation).stripTrailing()));
        }
        return REFINED_SINGLE_UPDATE.fill(refinedPlaces(operation)).stripTrailing();
    }

    private Map<String, String> refinedPlaces(Operation operation) {
        boolean everyone = table.entry().filteredWatchers().isEmpty();
        Map<String, String> places = new HashMap<>(EventCode.PLACES);
        places.put("bounded entry", boundedRefined());
        if (operation == Operation.UPDATE) {
            places.put("new rows", newRows(operation));
            places.put("old rows", oldRows(operation));
            places.put("columns", refined.bothRows());
            places.put("unlike", keysDiffer("n", "o"));
            places.put("short entry", refined.update(false));
            places.put("entry", refined.update(true));
            places.put("choice", everyone ? "0" : refined.updateChoice());
            places.put("wanted", everyone ? "m.event IN (" + events() + ")" : "m.choice <> 0");
        } else {
            Event event = operation == Operation.INSERT ? Event.INSERTED : Event.DELETED;
            places.put("event", operation.code().sql());
            places.put("rows", operation == Operation.INSERT ? newRows(operation) : oldRows(operation));
            places.put("short entry", refined.oneSided(false));
            places.put("entry", refined.oneSided(true));
            places.put("choice", everyone ? "0" : refined.oneSidedChoice(event));
            places.put("wanted", everyone ? "true" : "m.choice <> 0");
        }
        return places;
    }

    /** Like {@link #boundedEntry}, for a relation c with the columns {@code entry} and {@code short}. */
    String boundedRefined() {
        return "CASE WHEN octet_length(c.entry) <= " + entryBytes + " THEN c.entry WHEN octet_length(c.short) <= "
                + entryBytes + " THEN c.short END";
    }

    /** The deletion and the insertion of an update that changed a key begin with the update's number. */
    private static String linked(String entry) {
        return "CASE c.event WHEN " + EventCode.UPDATED.sql() + " THEN " + entry + " ELSE '['"
                + " || (SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint)"
                + " || ',' || substr(" + entry + ", 2) END";
    }

    private String oneSided(Operation operation, String rows) {
        return ONE_SIDED.fill(Map.of(
                "event", operation.code().sql(),
                "key", array(key, "r"),
                "entry", printableEntry("r"),
                "bounded entry", boundedOnce(),
                "rows", rows));
    }

    private String update(String newRows, String oldRows) {
        Map<String, String> places = new HashMap<>(EventCode.PLACES);
        places.put("key of n", array(key, "n"));
        places.put("key of o", array(key, "o"));
        places.put(
                "entry",
                carried.equals(key)
                        ? "coalesce(n.key, o.key)"
                        : "CASE WHEN n.key IS NULL THEN " + printableEntry("o") + " ELSE " + printableEntry("n")
                                + " END");
        places.put("linked entry", linked(boundedOnce()));
        places.put("new rows", newRows);
        places.put("old rows", oldRows);
        places.put("events", events());
        return UPDATE.fill(places);
    }

    /** The codes of the events that an update can cause and that a watcher publishes. */
    private String events() {
        return Stream.of(EventCode.KEY_INSERTED, EventCode.UPDATED, EventCode.KEY_DELETED)
                .filter(code -> table.events().contains(code.event()))
                .map(EventCode::sql)
                .collect(Collectors.joining(", "));
    }

    /**
     * The JSON array of some of the carried columns, as text. format() prints a single integer
     * faster, and with the same result. {@link Column#value} fails if the column now has another type.
     */
    private String array(List<Column> columns, String alias) {
        if (columns.equals(key) && key.size() == 1 && integerKey()) {
            return "format('[%s]', " + key.get(0).value(alias + ".c" + carried.indexOf(key.get(0))) + ")";
        }
        return columns.stream()
                .map(column -> column.expression(alias + ".c" + carried.indexOf(column)))
                .collect(Collectors.joining(", ", "json_build_array(", ")::text"));
    }

    /** Like {@link #boundedEntry}, for a subquery c that has computed entry and key already. */
    private String boundedOnce() {
        if (alwaysFits()) {
            return "c.entry";
        }
        return "CASE WHEN octet_length(c.entry) <= " + entryBytes + " THEN c.entry"
                + (carried.equals(key) ? "" : " WHEN octet_length(c.key) <= " + entryBytes + " THEN c.key")
                + " END";
    }

    /** Whether no entry of this table can be too large. */
    boolean alwaysFits() {
        return isPlain()
                && carried.stream().allMatch(column -> column.kind().fixedLength())
                && carried.size() * FIXED_VALUE_BYTES < entryBytes;
    }
}
