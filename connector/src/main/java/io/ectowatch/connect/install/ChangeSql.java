package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.EntryShape;
import io.ectowatch.connect.catalog.PinnedSettings;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The SQL by which a trigger of one table finds out what a statement changed, whatever it then does with it. An entry is
 * the JSON array of one row's values, as {@link EntryShape} tells, as text. Where an update changed a row's key, a number
 * that its statement has in common comes first.
 */
final class ChangeSql {

    private static final Template UPDATE = Template.load("changes-update.sql");
    private static final Template ONE_SIDED = Template.load("changes-one-sided.sql");
    private static final Template REFINED_UPDATE = Template.load("refined-update.sql");
    private static final Template REFINED_SINGLE_UPDATE = Template.load("refined-single-update.sql");
    private static final Template SINGLE = Template.of("(\n    ${changes}\n) AS c");
    private static final Template REFINED_ONE_SIDED = Template.load("refined-one-sided.sql");

    /** No value of a fixed-length kind takes more bytes than this in JSON. */
    private static final int FIXED_VALUE_BYTES = 45;

    private final WatchedTable table;
    private final RefinedSql refined;
    private final int entryBytes;
    private final List<Column> carried;
    private final List<Column> key;

    /** {@code entryBytes}: what is larger is shortened to its key, and is null when even that is larger. */
    ChangeSql(ObjectNames names, WatchedTable table, int entryBytes) {
        this.table = table;
        this.refined = new RefinedSql(names, table, entryBytes);
        this.entryBytes = entryBytes;
        this.carried = table.carried();
        this.key = table.shape().key();
    }

    /** Whether there is nothing to be told of a row but the carried columns, and every row counts. */
    boolean isPlain() {
        return table.isPlain();
    }

    /**
     * A query with a row for each change: {@code event} (a letter, see {@code record.EventCode}) and {@code entry}.
     */
    String changes(Operation operation) {
        return changes(operation, rows -> rows);
    }

    /** As {@link #changes}, of what {@code part} makes of the queries for the rows, where every row counts. */
    String changes(Operation operation, UnaryOperator<String> part) {
        if (!isPlain() && operation != Operation.TRUNCATE) {
            return refined(operation);
        }
        return switch (operation) {
            case INSERT -> oneSided("i", part.apply(newRows(operation)));
            case DELETE -> oneSided("d", part.apply(oldRows(operation)));
            case UPDATE -> update(part.apply(newRows(operation)), part.apply(oldRows(operation)));
            case TRUNCATE -> "SELECT 't' AS event, 'null' AS entry";
        };
    }

    /** The {@code SET} clauses which the function needs for its output to be the same in every session. */
    String pinnedSettings() {
        if (!refined.needsPinnedSettings()) {
            return "";
        }
        return PinnedSettings.VALUES.entrySet().stream()
                .map(setting -> "\nSET " + setting.getKey() + " = " + SqlText.literal(setting.getValue()))
                .collect(Collectors.joining());
    }

    /** A query for the carried columns of the new rows, and what else is looked at, as c0, c1, ... */
    String newRows(Operation operation) {
        return rows(operation.newRows(table.shape().triggers()), "NEW");
    }

    /** A query for the carried columns of the old rows, and what else is looked at, as c0, c1, ... */
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
            // x alone would be a column of that name. And no cast of the application's can lead to record.
            columns.add((transitionTable == null ? rowRecord : "x.*::record") + " AS whole");
        }
        return "SELECT " + String.join(", ", columns)
                + (transitionTable == null ? "" : " FROM " + transitionTable + " AS x");
    }

    /** The entry of a row of {@link #newRows} or {@link #oldRows}, shortened or null where it is too large. */
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
     * What is true unless a column is too large for an entry even as it is, and ends with AND; nothing if none can be. JSON
     * takes up to six bytes for one, and PostgreSQL fails where it would take more than a gigabyte. A key is never that large,
     * since its index could not hold it.
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
        // A text's or a bytea's length is known without reading it.
        return "octet_length("
                + (column.kind() == ColumnKind.BYTES ? column.value(reference) : column.expression(reference))
                + ") > " + bytes;
    }

    /** As {@link #array} of the carried columns; null where one of them is too large to be printed. */
    private String printableEntry(String alias) {
        String printable = printable(alias);
        return printable.isEmpty()
                ? array(carried, alias)
                : "CASE WHEN " + printable + "true THEN " + array(carried, alias) + " END";
    }

    /** Whether two rows have different keys. Integers are compared as such, which is quicker. */
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
        // A single integer is quicker to compare, and to hash, than the text that stands for any key.
        boolean plainKey = key.size() == 1 && integerKey();
        places.put("key of n", plainKey ? key.get(0).value("n.c0") : array(key, "n"));
        places.put("key of o", plainKey ? key.get(0).value("o.c0") : array(key, "o"));
        places.put("collation", plainKey ? "" : " COLLATE \"C\"");
        places.put("linked entry", linked(boundedRefined()));
        return REFINED_UPDATE.fill(places);
    }

    /**
     * The relation with the rows of {@link #changes} as long as there is one at most and its key has not changed; else it
     * may have any two rows. Columns: {@code entry}, and in an update {@code unlike}, whether the key has changed.
     */
    String single(Operation operation) {
        if (operation != Operation.UPDATE) {
            return SINGLE.fill(Map.of("changes", refined(operation).stripTrailing()));
        }
        return REFINED_SINGLE_UPDATE.fill(refinedPlaces(operation)).stripTrailing();
    }

    private Map<String, String> refinedPlaces(Operation operation) {
        boolean everyone = table.entry().choosers().isEmpty();
        Map<String, String> places = new HashMap<>();
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
            places.put("event", SqlText.literal(event.text().substring(0, 1)));
            places.put("rows", operation == Operation.INSERT ? newRows(operation) : oldRows(operation));
            places.put("short entry", refined.oneSided(false));
            places.put("entry", refined.oneSided(true));
            places.put("choice", everyone ? "0" : refined.oneSidedChoice(event));
            places.put("wanted", everyone ? "true" : "m.choice <> 0");
        }
        return places;
    }

    /** As {@link #boundedEntry}, of a relation c with the columns {@code entry} and {@code short}. */
    String boundedRefined() {
        return "CASE WHEN octet_length(c.entry) <= " + entryBytes + " THEN c.entry WHEN octet_length(c.short) <= "
                + entryBytes + " THEN c.short END";
    }

    /** What an update that changed a key is told as has the update's number in front. */
    private static String linked(String entry) {
        return "CASE c.event WHEN 'u' THEN " + entry + " ELSE '['"
                + " || (SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint)"
                + " || ',' || substr(" + entry + ", 2) END";
    }

    private String oneSided(String event, String rows) {
        return ONE_SIDED.fill(Map.of(
                "event", SqlText.literal(event),
                "key", array(key, "r"),
                "entry", printableEntry("r"),
                "bounded entry", boundedOnce(),
                "rows", rows));
    }

    private String update(String newRows, String oldRows) {
        return UPDATE.fill(Map.of(
                "key of n", array(key, "n"),
                "key of o", array(key, "o"),
                "entry",
                        carried.equals(key)
                                ? "coalesce(n.key, o.key)"
                                : "CASE WHEN n.key IS NULL THEN " + printableEntry("o") + " ELSE " + printableEntry("n")
                                        + " END",
                "linked entry", linked(boundedOnce()),
                "new rows", newRows,
                "old rows", oldRows,
                "events", events()));
    }

    /** The codes of the events that an update can cause and that somebody watches for. */
    private String events() {
        List<String> codes = new ArrayList<>();
        Map<Event, String> letters = Map.of(Event.INSERTED, "'I'", Event.UPDATED, "'u'", Event.DELETED, "'D'");
        for (Event event : Operation.UPDATE.events()) {
            if (table.events().contains(event)) {
                codes.add(letters.get(event));
            }
        }
        return String.join(", ", codes);
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

    /** As {@link #boundedEntry}, of a subquery c that has built entry and key already. */
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
