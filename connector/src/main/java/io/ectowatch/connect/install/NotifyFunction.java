package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.PinnedSettings;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.postgres.SqlText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes the function that a table's trigger calls in {@code notify} delivery. Its notifications are JSON:
 * {@code ["<layout>","<event>",<txid>,<seq>,<first>,<at>,[<entry>,...]]}, where an entry is the array of one row's
 * values in the order of {@link WatchedTable#carried()}, shortened to the key when it is too large, or null where the
 * event has no row; or {@code ["<layout>","g"]} for a gap.
 */
final class NotifyFunction {

    /**
     * How many bytes of entries one payload may carry. A payload must stay under 8,000 bytes (PG docs, sql-notify), and
     * what surrounds the entries takes at most 110.
     */
    private static final int ENTRIES_BYTES = 7_850;

    /** No value of a fixed-length kind takes more bytes than this in JSON. */
    private static final int FIXED_VALUE_BYTES = 45;

    private static final Template FUNCTION = Template.load("function.sql");
    private static final Template BODY = Template.load("notify-body.sql");
    private static final Template UPDATE = Template.load("notify-update.sql");
    private static final Template ONE_SIDED = Template.load("notify-one-sided.sql");

    private final ObjectNames names;
    private final WatchedTable table;
    private final List<Column> carried;
    private final List<Column> key;

    NotifyFunction(ObjectNames names, WatchedTable table) {
        this.names = names;
        this.table = table;
        this.carried = table.carried();
        this.key = table.shape().key();
    }

    /** The body alone, as {@code pg_proc.prosrc} keeps it. */
    String body(Operation operation) {
        Map<String, String> values = new HashMap<>();
        values.put("connector", oneLine(names.connector()));
        values.put(
                "purpose",
                operation.name() + " on " + oneLine(table.shape().name().toString()));
        values.put("lost", names.regclass(names.lostSequence()));
        values.put("sequence", names.regclass(names.changesSequence()));
        values.put("channel", SqlText.literal(names.channel()));
        values.put("gap", SqlText.literal("[\"" + table.layout() + "\",\"g\"]"));
        values.put("limit", Integer.toString(ENTRIES_BYTES));
        values.put("payload", payload());
        values.put("changes", changes(operation).stripTrailing());
        return BODY.fill(values);
    }

    /** The whole {@code CREATE OR REPLACE FUNCTION}. */
    String create(Operation operation) {
        return FUNCTION.fill(Map.of(
                "function",
                SqlText.identifier(names.schema(), names.function(table.shape().name(), operation)),
                "settings",
                pinnedSettings(),
                "body",
                SqlText.dollarQuoted(body(operation))));
    }

    private String payload() {
        return "'[\"" + table.layout()
                + "\",\"' || run_event || '\",' || pg_current_xact_id()::text || ',' || change_seq"
                + " || ',' || run_first\n                || ',' || (date_part('epoch', clock_timestamp()) *"
                + " 1000)::bigint || ',[' || run || ']]'";
    }

    private String pinnedSettings() {
        if (carried.stream().noneMatch(column -> column.kind().needsPinnedSettings())) {
            return "";
        }
        return PinnedSettings.VALUES.entrySet().stream()
                .map(setting -> "\nSET " + setting.getKey() + " = " + SqlText.literal(setting.getValue()))
                .collect(Collectors.joining());
    }

    private String changes(Operation operation) {
        String newRows = rows(operation.newRows(table.shape().triggers()), "NEW");
        String oldRows = rows(operation.oldRows(table.shape().triggers()), "OLD");
        return switch (operation) {
            case INSERT -> oneSided("i", newRows);
            case DELETE -> oneSided("d", oldRows);
            case UPDATE -> update(newRows, oldRows);
            case TRUNCATE -> "        SELECT 't' AS event, 'null' AS entry";
        };
    }

    private String oneSided(String event, String rows) {
        return ONE_SIDED.fill(Map.of(
                "event", SqlText.literal(event),
                "key", array(key, "r"),
                "entry", array(carried, "r"),
                "bounded entry", boundedEntry(),
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
                "bounded entry", boundedEntry(),
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

    /** The carried columns as c0, c1, ... from a transition table, or from the record of a row trigger. */
    private String rows(String transitionTable, String rowRecord) {
        Function<Column, String> reference =
                column -> (transitionTable == null ? rowRecord : "x") + "." + SqlText.identifier(column.name());
        return "SELECT " + numbered(reference) + (transitionTable == null ? "" : " FROM " + transitionTable + " AS x");
    }

    private String numbered(Function<Column, String> reference) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < carried.size(); i++) {
            columns.add(reference.apply(carried.get(i)) + " AS c" + i);
        }
        return String.join(", ", columns);
    }

    /** The JSON array of some of the carried columns, as text. */
    private String array(List<Column> columns, String alias) {
        return columns.stream()
                .map(column -> column.kind().expression(alias + ".c" + carried.indexOf(column)))
                .collect(Collectors.joining(", ", "json_build_array(", ")::text"));
    }

    /** The entry, or what is left of it when it is too large for a payload: its key, or null when even that is. */
    private String boundedEntry() {
        boolean alwaysFits = carried.stream().allMatch(NotifyFunction::fixedLength)
                && carried.size() * FIXED_VALUE_BYTES < ENTRIES_BYTES;
        if (alwaysFits) {
            return "c.entry";
        }
        return "CASE WHEN octet_length(c.entry) <= " + ENTRIES_BYTES + " THEN c.entry"
                + (carried.equals(key) ? "" : " WHEN octet_length(c.key) <= " + ENTRIES_BYTES + " THEN c.key")
                + " END";
    }

    private static boolean fixedLength(Column column) {
        ColumnKind kind = column.kind();
        return kind != ColumnKind.TEXT && kind != ColumnKind.TEXT_PINNED && kind != ColumnKind.BYTES;
    }

    /** A name in a comment must not end it. */
    private static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }
}
