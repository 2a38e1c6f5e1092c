package io.ectowatch.connect.backfill;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EntryFields.Field;
import io.ectowatch.connect.protocol.EntryFields.Kind;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The query for the next rows of a table: their entries as triggers write them for an insertion, and their keys; and for the
 * snapshot in which it sees them. The inner
 * query reads a limited number of rows by the index of the key; conditions come after that, so that a condition that few
 * rows satisfy makes no query long.
 */
final class ChunkQuery {

    /** As the triggers: a larger entry is shortened to its key. */
    private static final int ENTRY_BYTES = 512 * 1024;

    /** How the entry of a row begins that is for none of several watchers. */
    static final String FOR_NONE = "[0,";

    private static final String SNAPSHOT = "pg_catalog.pg_current_snapshot()::pg_catalog.text";

    private final ObjectNames names;
    private final WatchedTable table;
    private final KeyOrder order;
    private final @Nullable Condition condition;
    private final boolean callsFunctions;
    private final List<Column> read;

    /**
     * @param condition the backfill's condition, or null
     * @param callsFunctions whether the role may call the functions of the watchers' conditions, which catch errors
     */
    ChunkQuery(
            ObjectNames names,
            WatchedTable table,
            KeyOrder order,
            @Nullable Condition condition,
            boolean callsFunctions) {
        this.names = names;
        this.table = table;
        this.order = order;
        this.condition = condition;
        this.callsFunctions = callsFunctions;
        Set<Column> columns = ReadPrivileges.columns(table);
        if (condition != null) {
            columns.addAll(table.shape().mentionedBy(condition));
        }
        read = List.copyOf(columns);
    }

    /** The columns that the role must be able to read. */
    List<Column> read() {
        return read;
    }

    /**
     * The query for the rows after {@code last}, or for the first ones if it is null.
     *
     * @param limit how many rows to read
     */
    String text(@Nullable List<String> last, int limit) {
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < order.size(); i++) {
            keys.append(", r.k").append(i);
        }
        String entry = bounded();
        return "SELECT " + SNAPSHOT + " AS entry, " + noKey() + " UNION ALL SELECT "
                + (condition == null ? entry : "CASE WHEN " + holds(condition) + " THEN " + entry + " END")
                + keys + " FROM (" + inner(last == null ? null : order.after(last), Integer.toString(limit)) + ") AS r";
    }

    /**
     * The same for a {@link ReadFunction}, with the key as an array. Of a row that is for no watcher, only the key is read.
     *
     * @param after the condition for the rows, or null for the first ones
     * @param limit how many rows to read
     */
    String forFunction(@Nullable String after, String limit) {
        String key = IntStream.range(0, order.size()).mapToObj(i -> "r.k" + i).collect(Collectors.joining(", "));
        boolean all = table.entry().filteredWatchers().isEmpty();
        return "SELECT " + SNAPSHOT + ", NULL::pg_catalog.text[]\nUNION ALL\nSELECT "
                + (all
                        ? "q.entry"
                        : "CASE WHEN pg_catalog.starts_with(q.entry, " + SqlText.literal(FOR_NONE) + ") THEN "
                                + SqlText.literal(FOR_NONE) + " ELSE q.entry END")
                + ", q.key\nFROM (\n    SELECT " + bounded() + " AS entry, ARRAY[" + key
                + "] AS key\n    FROM (\n        "
                + inner(after, limit) + "\n    ) AS r\n    OFFSET 0\n) AS q";
    }

    private String inner(@Nullable String after, String limit) {
        String columns = IntStream.range(0, read.size())
                .mapToObj(i -> "x." + SqlText.identifier(read.get(i).name()) + " AS \"~c" + i + "\", ")
                .collect(Collectors.joining());
        // Children of an inheritance tree are tables of their own. Partitions are not.
        boolean only = !order.partitioned();
        return "SELECT " + columns + order.texts() + " FROM " + (only ? "ONLY " : "")
                + SqlText.identifier(
                        table.shape().name().schema(), table.shape().name().table()) + " AS x"
                + (after == null ? "" : " WHERE " + after) + " ORDER BY " + order.order() + " LIMIT " + limit;
    }

    /** Of the first row, which has the snapshot of the query. */
    private String noKey() {
        return IntStream.range(0, order.size())
                .mapToObj(i -> "NULL::pg_catalog.text AS k" + i)
                .collect(Collectors.joining(", "));
    }

    private String bounded() {
        String whole = array(table.entry().fields().all());
        String shortened = array(table.entry().fields().shortened());
        String tooLarge = table.entry().fields().leftOut().stream()
                .filter(field -> field.kind() == Kind.VALUE)
                .map(ChunkQuery::column)
                .filter(column -> !column.kind().fixedLength())
                .map(this::tooLarge)
                .collect(Collectors.joining(" OR "));
        return tooLarge.isEmpty()
                ? whole
                : "CASE WHEN (" + tooLarge + ") IS TRUE THEN " + shortened + " WHEN pg_catalog.octet_length(" + whole
                        + ") > " + ENTRY_BYTES + " THEN " + shortened + " ELSE " + whole + " END";
    }

    private static Column column(Field<Column> field) {
        return Objects.requireNonNull(field.column());
    }

    private String tooLarge(Column column) {
        // The length of a text or a bytea is known without reading it.
        return "pg_catalog.octet_length("
                + (column.kind() == ColumnKind.BYTES
                        ? column.value(reference(column))
                        : column.expression(reference(column)))
                + ") > " + ENTRY_BYTES;
    }

    private String array(List<Field<Column>> fields) {
        List<String> values = new ArrayList<>();
        for (Field<Column> field : fields) {
            values.add(
                    switch (field.kind()) {
                        case WATCHERS -> choice();
                        case VALUE -> column(field).expression(reference(column(field)));
                        case PREVIOUS, CHANGED -> "NULL";
                    });
        }
        return "pg_catalog.json_build_array(" + String.join(", ", values) + ")::pg_catalog.text";
    }

    /** A bit for each watcher whose condition, if it has one, holds for the row as for a new one. */
    private String choice() {
        List<String> bits = new ArrayList<>();
        for (int i = 0; i < table.watchers().size(); i++) {
            TableWatcher watcher = table.watchers().get(i);
            String bit = (1L << i) + "::pg_catalog.int8";
            Condition when = watcher.filter().when();
            bits.add(when == null ? bit : "CASE WHEN " + holds(watcher, when) + " THEN " + bit + " ELSE 0 END");
        }
        return "(" + String.join(" | ", bits) + ")";
    }

    private String holds(TableWatcher watcher, Condition when) {
        if (!callsFunctions) {
            return "(SELECT (\n" + when.text() + "\n) FROM " + row(when, this::value) + " AS \"new\", "
                    + row(when, Column::typedNull) + " AS \"old\")";
        }
        return SqlText.identifier(names.schema(), names.condition(table.shape().name(), watcher.name())) + "("
                + record(when, this::value) + ", " + record(when, Column::typedNull) + ")";
    }

    /** Whether the backfill's own condition holds. Its columns may be written with or without {@code NEW}. */
    private String holds(Condition text) {
        return "(SELECT (\n" + text.text() + "\n) FROM " + row(text, this::value) + " AS \"new\")";
    }

    private String record(Condition when, Function<Column, String> values) {
        String alias = "given";
        while (table.shape().column(alias).isPresent()) {
            alias += "_"; // a column of that name would take precedence
        }
        return "(SELECT " + alias + " FROM " + row(when, values) + " AS " + alias + ")";
    }

    private String row(Condition text, Function<Column, String> values) {
        return table.shape().mentionedBy(text).stream()
                .map(column -> values.apply(column) + " AS " + SqlText.identifier(column.name()))
                .collect(Collectors.joining(", ", "(SELECT ", ")"));
    }

    private String value(Column column) {
        return column.value(reference(column));
    }

    private String reference(Column column) {
        return "r.\"~c" + read.indexOf(column) + "\"";
    }
}
