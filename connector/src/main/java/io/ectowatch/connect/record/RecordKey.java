package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.FieldNames;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The key of one watcher's records: the primary key, or columns that the watcher names. Immutable. */
final class RecordKey {

    private final Schema schema;
    /** What comes before the columns: the table's schema, or nothing. */
    private final List<String> prefix;
    /** The places of the key's columns among the carried columns; null if not all are carried. */
    private final int @Nullable [] positions;
    /** Their places among the previous values; -1 for columns that an update does not change. */
    private final int[] positionsBefore;

    private RecordKey(Schema schema, List<String> prefix, int @Nullable [] positions, int[] positionsBefore) {
        this.schema = schema;
        this.prefix = prefix;
        this.positions = positions;
        this.positionsBefore = positionsBefore;
    }

    static RecordKey of(WatchedTable watched, TableWatcher watcher, RecordStyle style) {
        List<Column> columns = watcher.filter().keyColumns();
        TableName table = watched.shape().name();
        ChangeLayout entry = watched.entry();
        List<String> prefix = style.schemaInKey() ? List.of(table.schema()) : List.of();
        if (columns.isEmpty()) {
            columns = watched.shape().key();
            return of(columns, entry, style.schemaName(table.schema(), table.table(), "Key"), prefix, style);
        }
        String by = columns.stream().map(Column::name).collect(Collectors.joining("_"));
        return of(columns, entry, style.schemaName(table.schema(), table.table(), by, "Key"), prefix, style);
    }

    private static RecordKey of(
            List<Column> columns, ChangeLayout entry, String name, List<String> prefix, RecordStyle style) {
        List<Column> carried = entry.carried();
        List<Column> before = entry.before();
        SchemaBuilder schema = SchemaBuilder.struct().name(name);
        if (!prefix.isEmpty()) {
            schema.field(schemaField(columns), Schema.STRING_SCHEMA);
        }
        return new RecordKey(
                fields(schema, columns, style.fieldNames()).build(),
                prefix,
                carried.containsAll(columns)
                        ? columns.stream().mapToInt(carried::indexOf).toArray()
                        : null,
                columns.stream().mapToInt(before::indexOf).toArray());
    }

    private static String schemaField(List<Column> columns) {
        List<String> taken = columns.stream().map(Column::name).toList();
        String name = "schema";
        while (taken.contains(name)) {
            name = "_" + name;
        }
        return name;
    }

    static SchemaBuilder fields(SchemaBuilder key, List<Column> columns, FieldNames names) {
        columns.forEach(column ->
                key.field(names.of(column.name()), ColumnCodec.of(column.kind()).required()));
        return key;
    }

    /** The change's key; null if there is no row, or if a row of an earlier configuration lacks a key column. */
    @Nullable
    Struct of(Change change) {
        Row row = change.row();
        if (row == null || positions == null) {
            return null;
        }
        Object[] values = new Object[positions.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.values()[positions[i]];
            if (values[i] == null) {
                return null;
            }
        }
        return key(values);
    }

    /** The key of the row before an update if it differs from {@code now}, else null. */
    @Nullable
    Struct former(Change change, @Nullable Struct now) {
        Row row = change.row();
        if (now == null || row == null || positions == null || change.event() != Event.UPDATED) {
            return null;
        }
        Object[] values = new Object[positions.length];
        boolean differs = false;
        for (int i = 0; i < values.length; i++) {
            Object current = row.values()[positions[i]];
            Object previous = positionsBefore[i] < 0 ? current : row.before()[positionsBefore[i]];
            if (previous == null) {
                return null;
            }
            differs |= !Objects.deepEquals(previous, current);
            values[i] = previous;
        }
        return differs ? key(values) : null;
    }

    private Struct key(Object[] columns) {
        if (prefix.isEmpty()) {
            return WatcherRecords.filled(schema, columns);
        }
        List<Object> values = new ArrayList<>(prefix);
        values.addAll(Arrays.asList(columns));
        return WatcherRecords.filled(schema, values.toArray());
    }
}
