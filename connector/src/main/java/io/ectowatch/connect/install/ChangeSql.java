package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.PinnedSettings;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The SQL by which a trigger of one table finds out what a statement changed, whatever it then does with it. An entry is
 * the JSON array of one row's values in the order of {@link WatchedTable#carried()}, as text.
 */
final class ChangeSql {

    private static final Template UPDATE = Template.load("changes-update.sql");
    private static final Template ONE_SIDED = Template.load("changes-one-sided.sql");

    /** No value of a fixed-length kind takes more bytes than this in JSON. */
    private static final int FIXED_VALUE_BYTES = 45;

    private final WatchedTable table;
    private final int entryBytes;
    private final List<Column> carried;
    private final List<Column> key;

    /** {@code entryBytes}: what is larger is shortened to its key, and is null when even that is larger. */
    ChangeSql(WatchedTable table, int entryBytes) {
        this.table = table;
        this.entryBytes = entryBytes;
        this.carried = table.carried();
        this.key = table.shape().key();
    }

    /** A query with a row for each change: {@code event} (its first letter) and {@code entry}. */
    String changes(Operation operation) {
        return changes(operation, rows -> rows);
    }

    /** As {@link #changes}, of what {@code part} makes of the queries for the rows. */
    String changes(Operation operation, UnaryOperator<String> part) {
        return switch (operation) {
            case INSERT -> oneSided("i", part.apply(newRows(operation)));
            case DELETE -> oneSided("d", part.apply(oldRows(operation)));
            case UPDATE -> update(part.apply(newRows(operation)), part.apply(oldRows(operation)));
            case TRUNCATE -> "        SELECT 't' AS event, 'null' AS entry";
        };
    }

    /** The {@code SET} clauses which the function needs for its output to be the same in every session. */
    String pinnedSettings() {
        if (carried.stream().noneMatch(column -> column.kind().needsPinnedSettings())) {
            return "";
        }
        return PinnedSettings.VALUES.entrySet().stream()
                .map(setting -> "\nSET " + setting.getKey() + " = " + SqlText.literal(setting.getValue()))
                .collect(Collectors.joining());
    }

    /** A query for the carried columns of the new rows, as c0, c1, ... */
    String newRows(Operation operation) {
        return rows(operation.newRows(table.shape().triggers()), "NEW");
    }

    /** A query for the carried columns of the old rows, as c0, c1, ... */
    String oldRows(Operation operation) {
        return rows(operation.oldRows(table.shape().triggers()), "OLD");
    }

    private String rows(String transitionTable, String rowRecord) {
        Function<Column, String> reference =
                column -> (transitionTable == null ? rowRecord : "x") + "." + SqlText.identifier(column.name());
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < carried.size(); i++) {
            columns.add(reference.apply(carried.get(i)) + " AS c" + i);
        }
        return "SELECT " + String.join(", ", columns)
                + (transitionTable == null ? "" : " FROM " + transitionTable + " AS x");
    }

    /** The entry of a row of {@link #newRows} or {@link #oldRows}, shortened or null where it is too large. */
    String boundedEntry(String alias) {
        if (alwaysFits()) {
            return array(carried, alias);
        }
        String bounded = "CASE WHEN octet_length(" + array(carried, alias) + ") <= " + entryBytes + " THEN "
                + array(carried, alias);
        return bounded
                + (carried.equals(key)
                        ? ""
                        : " WHEN octet_length(" + array(key, alias) + ") <= " + entryBytes + " THEN "
                                + array(key, alias))
                + " END";
    }

    /** Whether two rows have different keys. Integers are compared as such, which is quicker. */
    String keysDiffer(String one, String other) {
        boolean integers = key.stream().allMatch(column -> switch (column.kind()) {
            case INT16, INT32, INT64 -> true;
            default -> false;
        });
        if (!integers) {
            return array(key, one) + " <> " + array(key, other) + " COLLATE \"C\"";
        }
        return key.stream()
                .map(column -> column.kind().expression(one + ".c" + carried.indexOf(column)) + " <> "
                        + column.kind().expression(other + ".c" + carried.indexOf(column)))
                .collect(Collectors.joining(" OR "));
    }

    private String oneSided(String event, String rows) {
        return ONE_SIDED.fill(Map.of(
                "event", SqlText.literal(event),
                "key", array(key, "r"),
                "entry", array(carried, "r"),
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
                                : "CASE WHEN n.key IS NULL THEN " + array(carried, "o") + " ELSE " + array(carried, "n")
                                        + " END",
                "bounded entry", boundedOnce(),
                "new rows", newRows,
                "old rows", oldRows,
                "events", events()));
    }

    /** The codes of the events that an update can cause and that somebody watches for. */
    private String events() {
        List<String> codes = new ArrayList<>();
        for (Event event : Operation.UPDATE.events()) {
            if (table.events().contains(event)) {
                codes.add(SqlText.literal(event.text().substring(0, 1)));
            }
        }
        return String.join(", ", codes);
    }

    /** The JSON array of some of the carried columns, as text. */
    private String array(List<Column> columns, String alias) {
        return columns.stream()
                .map(column -> column.kind().expression(alias + ".c" + carried.indexOf(column)))
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
        return carried.stream().allMatch(ChangeSql::fixedLength) && carried.size() * FIXED_VALUE_BYTES < entryBytes;
    }

    private static boolean fixedLength(Column column) {
        return switch (column.kind()) {
            case INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, DATE, TIMESTAMP, TIMESTAMP_WITH_ZONE -> true;
            case BYTES, TEXT, TEXT_AS_PRINTED, TEXT_PINNED -> false;
        };
    }
}
