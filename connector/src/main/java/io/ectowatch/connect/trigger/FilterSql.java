package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EntryFields.Field;
import io.ectowatch.connect.protocol.EntryFields.Kind;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import io.ectowatch.connect.watch.WatcherFilter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * SQL expressions for a table whose watchers need more than its key and extra columns: which watchers a change is
 * for, which columns changed, and their previous values.
 */
final class FilterSql {

    private final ObjectNames names;
    private final WatchedTable table;
    private final ChangeLayout entry;
    private final List<Column> read;
    private final int entryBytes;

    /** @param entryBytes an entry with a value larger than this is not built */
    FilterSql(ObjectNames names, WatchedTable table, int entryBytes) {
        this.names = names;
        this.entryBytes = entryBytes;
        this.table = table;
        this.entry = table.entry();
        Set<Column> columns = new LinkedHashSet<>(entry.carried());
        for (TableWatcher watcher : table.watchers()) {
            WatcherFilter filter = watcher.filter();
            columns.addAll(filter.columns());
            if (filter.when() != null) {
                columns.addAll(table.shape().mentionedBy(filter.when()));
            }
            if (filter.changedColumns()) {
                columns.addAll(table.shape().comparedColumns());
            }
        }
        read = List.copyOf(columns);
    }

    /** The columns to read from each row: the carried ones, then the others that are needed. */
    List<Column> read() {
        return read;
    }

    /** Whether any column is compared by a text that depends on the session's settings. */
    boolean needsPinnedSettings() {
        return read.stream().anyMatch(column -> column.kind().needsPinnedSettings());
    }

    /** Whether whole rows have to be read, too. */
    boolean readsWholeRows() {
        return table.watchers().stream().anyMatch(FilterSql::comparesWholeRows);
    }

    private static boolean comparesWholeRows(TableWatcher watcher) {
        return watcher.filter().skipUnchanged() && watcher.filter().columns().isEmpty();
    }

    /** {@link #read()} of both rows, as n0, n1, ... and o0, o1, ..., and whole rows, if they are read, as n and o. */
    String bothRows() {
        List<String> columns = new ArrayList<>();
        if (readsWholeRows()) {
            columns.add("n.whole AS n, o.whole AS o");
        }
        for (int i = 0; i < read.size(); i++) {
            columns.add("n.c" + i + " AS n" + i + ", o.c" + i + " AS o" + i);
        }
        return String.join(",\n", columns);
    }

    /** The entry of an insertion or a deletion, from columns m.c0, m.c1, ... */
    String oneSided(boolean whole) {
        return array(whole, i -> "m.c" + i, i -> "NULL", "NULL");
    }

    /** The entry of an update, from the columns of {@link #bothRows} in m. */
    String update(boolean whole) {
        return SqlLayout.chooseBy(
                "m.event",
                List.of(Map.entry(EventCode.KEY_DELETED.sql(), array(whole, i -> "m.o" + i, i -> "NULL", "NULL"))),
                array(whole, i -> "m.n" + i, i -> "m.o" + i, changedNames("m")));
    }

    private String array(boolean whole, IntFunction<String> now, IntFunction<String> before, String changed) {
        List<String> values = new ArrayList<>();
        List<String> tooLarge = new ArrayList<>();
        for (Field<Column> field : whole ? entry.fields().all() : entry.fields().shortened()) {
            values.add(
                    switch (field.kind()) {
                        case WATCHERS -> "m.choice";
                        case VALUE -> value(field.requiredColumn(), now);
                        case PREVIOUS -> value(field.requiredColumn(), before);
                        case CHANGED -> changed;
                    });
        }
        if (whole) {
            for (Field<Column> field : entry.fields().leftOut()) {
                Column column = field.column();
                if (column != null) {
                    addTooLarge(tooLarge, column, field.kind() == Kind.VALUE ? now : before);
                }
            }
        }
        String array = SqlLayout.list("json_build_array(", values, ")::text");
        return tooLarge.isEmpty()
                ? array
                : SqlLayout.choose(
                        SqlLayout.parenthesized(SqlLayout.joined(tooLarge, "OR")) + " IS NOT TRUE", array, null);
    }

    private void addTooLarge(List<String> conditions, Column column, IntFunction<String> place) {
        String reference = place.apply(read.indexOf(column));
        if (!reference.equals("NULL") && !column.kind().fixedLength()) {
            conditions.add(EntrySql.tooLarge(column, reference, entryBytes));
        }
    }

    private String value(Column column, IntFunction<String> place) {
        String reference = place.apply(read.indexOf(column));
        return reference.equals("NULL") ? reference : column.expression(reference);
    }

    private String changedNames(String alias) {
        List<String> names = table.shape().comparedColumns().stream()
                .map(column -> SqlLayout.choose(differs(column, alias), SqlText.literal(column.name()), null))
                .toList();
        return SqlLayout.choose(
                alias + ".event = " + EventCode.UPDATED.sql(),
                SqlLayout.list("array_remove(ARRAY[", names, "]::text[], NULL)"),
                null);
    }

    private String differs(Column column, String alias) {
        int i = read.indexOf(column);
        return column.differ(alias + ".n" + i, alias + ".o" + i);
    }

    /** The watchers that an insertion or a deletion is for, from columns r.c0, r.c1, ... */
    String oneSidedChoice(Event event) {
        return choice(
                event,
                watcher -> condition(
                        watcher,
                        i -> event == Event.INSERTED
                                ? read.get(i).value("r.c" + i)
                                : read.get(i).typedNull(),
                        i -> event == Event.DELETED
                                ? read.get(i).value("r.c" + i)
                                : read.get(i).typedNull()),
                watcher -> null);
    }

    /** The watchers that a change of a row by an update is for, from the columns of {@link #bothRows} in j. */
    String updateChoice() {
        IntFunction<String> newRow = i -> read.get(i).value("j.n" + i);
        IntFunction<String> oldRow = i -> read.get(i).value("j.o" + i);
        return SqlLayout.chooseBy(
                "j.event",
                List.of(
                        Map.entry(
                                EventCode.UPDATED.sql(),
                                choice(
                                        Event.UPDATED,
                                        watcher -> condition(watcher, newRow, oldRow),
                                        this::differences)),
                        Map.entry(
                                EventCode.KEY_INSERTED.sql(),
                                choice(
                                        Event.INSERTED,
                                        watcher -> condition(watcher, newRow, oldRow),
                                        watcher -> null))),
                choice(Event.DELETED, watcher -> condition(watcher, newRow, oldRow), watcher -> null));
    }

    private interface Question {
        @Nullable
        String of(TableWatcher watcher);
    }

    /** A bit for each watcher that publishes the event and whose filters, if any, match. */
    private String choice(Event event, Question condition, Question differences) {
        List<String> bits = new ArrayList<>();
        for (int i = 0; i < table.watchers().size(); i++) {
            TableWatcher watcher = table.watchers().get(i);
            if (watcher.events().contains(event)) {
                String bit = (1L << i) + "::int8";
                String differs = differences.of(watcher);
                String holds = condition.of(watcher);
                if (holds != null) {
                    bit = SqlLayout.choose(holds, bit, "0");
                }
                if (differs != null) {
                    bit = SqlLayout.choose(differs, bit, "0");
                }
                bits.add(bit + "  -- " + TriggerFunction.oneLine(watcher.name()));
            }
        }
        return bits.isEmpty() ? "0::int8" : SqlLayout.lines("(", String.join("\n| ", bits), ")");
    }

    /** Whether a column that the watcher compares has changed; null if it compares none. */
    private @Nullable String differences(TableWatcher watcher) {
        if (comparesWholeRows(watcher)) {
            // Byte by byte: no type needs an operator, and columns that are added later are included.
            return "j.n *<> j.o";
        }
        List<Column> columns = watcher.filter().columns();
        return columns.isEmpty()
                ? null
                : SqlLayout.joined(
                        columns.stream().map(column -> differs(column, "j")).toList(), "OR");
    }

    /** Whether the watcher's condition is true; null if it has none. */
    private @Nullable String condition(TableWatcher watcher, IntFunction<String> newRow, IntFunction<String> oldRow) {
        Condition condition = watcher.filter().when();
        if (condition == null) {
            return null;
        }
        String function =
                SqlText.identifier(names.schema(), names.condition(table.shape().name(), watcher.name()));
        return SqlLayout.list(function + "(", List.of(record(condition, newRow), record(condition, oldRow)), ")");
    }

    /** A row of the columns that the condition may mention, by their names. */
    private String record(Condition condition, IntFunction<String> row) {
        List<Column> mentioned = table.shape().mentionedBy(condition);
        String alias = "given";
        while (table.shape().column(alias).isPresent()) {
            alias += "_"; // a column of that name would take precedence
        }
        List<String> columns = mentioned.stream()
                .map(column -> row.apply(read.indexOf(column)) + " AS " + SqlText.identifier(column.name()))
                .toList();
        return "(SELECT " + alias + " FROM " + SqlLayout.parenthesized(SqlLayout.select(columns, null)) + " AS " + alias
                + ")";
    }
}
