package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
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
    /** The places of the key's columns among the carried columns; null if not all are carried. */
    private final int @Nullable [] positions;
    /** Their places among the previous values; -1 for columns that an update does not change. */
    private final int[] positionsBefore;

    private RecordKey(Schema schema, int @Nullable [] positions, int[] positionsBefore) {
        this.schema = schema;
        this.positions = positions;
        this.positionsBefore = positionsBefore;
    }

    static RecordKey of(WatchedTable watched, TableWatcher watcher, String topicPrefix) {
        List<Column> columns = watcher.filter().keyColumns();
        TableName table = watched.shape().name();
        ChangeLayout entry = watched.entry();
        if (columns.isEmpty()) {
            columns = watched.shape().key();
            return of(columns, entry, SchemaName.of(topicPrefix, table.schema(), table.table(), "Key"));
        }
        String by = columns.stream().map(Column::name).collect(Collectors.joining("_"));
        return of(columns, entry, SchemaName.of(topicPrefix, table.schema(), table.table(), by, "Key"));
    }

    private static RecordKey of(List<Column> columns, ChangeLayout entry, String name) {
        List<Column> carried = entry.carried();
        List<Column> before = entry.before();
        return new RecordKey(
                fields(SchemaBuilder.struct().name(name), columns).build(),
                carried.containsAll(columns)
                        ? columns.stream().mapToInt(carried::indexOf).toArray()
                        : null,
                columns.stream().mapToInt(before::indexOf).toArray());
    }

    static SchemaBuilder fields(SchemaBuilder key, List<Column> columns) {
        columns.forEach(
                column -> key.field(column.name(), ColumnCodec.of(column.kind()).required()));
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
        return WatcherRecords.filled(schema, values);
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
        return differs ? WatcherRecords.filled(schema, values) : null;
    }
}
