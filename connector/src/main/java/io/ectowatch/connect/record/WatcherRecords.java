package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.FieldNames;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import io.ectowatch.connect.watch.WatcherFilter;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/** The parts of records that depend on the watcher: topics, the schema of the value, and the extra columns. */
final class WatcherRecords {

    private static final Schema NAMES =
            SchemaBuilder.array(Schema.STRING_SCHEMA).optional().build();

    private final TableName table;
    private final @Nullable String label;
    private final Map<Event, String> topics = new EnumMap<>(Event.class);
    private final Schema schema;
    private final Schema extras;
    /** The places of the extra columns among the carried columns. */
    private final int @Nullable [] positions;
    /**
     * Their places among the previous values; null if not all are carried, as in the journal of an earlier
     * configuration.
     */
    private final int @Nullable [] positionsBefore;

    private final boolean hasExtras;
    private final boolean tellsChanged;
    private final boolean tellsOld;
    private final boolean lsn;
    private final boolean tellsCount;
    /** The watcher's bit in a row's choice, or 0 if it has none; -1 if every change is for all watchers. */
    private final long bit;

    WatcherRecords(TableWatcher watcher, TableName table, Schema key, ChangeLayout entry, RecordStyle style) {
        this.table = table;
        label = watcher.label();
        watcher.events().forEach(wanted -> topics.put(wanted, watcher.topics().get(wanted)));
        Event.ALWAYS.forEach(event -> topics.put(event, watcher.topics().get(event)));
        positions = positions(watcher.extraColumns(), entry.carried());
        positionsBefore = positions(watcher.extraColumns(), entry.before());
        bit = entry.filteredWatchers().isEmpty()
                ? -1
                : entry.filteredWatchers().contains(watcher.name())
                        ? 1L << entry.filteredWatchers().indexOf(watcher.name())
                        : 0;
        hasExtras = !watcher.extraColumns().isEmpty();
        extras = extras(watcher.extraColumns(), name(style, "Values"), style.fieldNames());
        WatcherFilter filter = watcher.filter();
        tellsChanged = filter.changedColumns();
        tellsOld = filter.oldValues();
        SchemaBuilder value = SchemaBuilder.struct()
                .name(name(style, "Change"))
                .field("id", Schema.STRING_SCHEMA)
                .field("event", Schema.STRING_SCHEMA)
                .field("schema", Schema.STRING_SCHEMA)
                .field("table", Schema.STRING_SCHEMA)
                .field("label", Schema.OPTIONAL_STRING_SCHEMA)
                .field("key", key)
                .field("values", extras)
                .field("txid", Schema.INT64_SCHEMA)
                .field("at", Timestamp.SCHEMA);
        if (tellsChanged) {
            value.field("changed", NAMES);
        }
        if (tellsOld) {
            value.field("old", extras);
        }
        lsn = style.lsnInValue();
        if (lsn) {
            value.field("lsn", Schema.OPTIONAL_STRING_SCHEMA);
        }
        tellsCount = filter.collapse() != Collapse.NONE;
        if (tellsCount) {
            value.field("count", Schema.OPTIONAL_INT64_SCHEMA);
        }
        schema = value.build();
    }

    private static int @Nullable [] positions(List<Column> columns, List<Column> among) {
        return among.containsAll(columns)
                ? columns.stream().mapToInt(among::indexOf).toArray()
                : null;
    }

    private String name(RecordStyle style, String last) {
        return label == null
                ? style.schemaName(table.schema(), table.table(), last)
                : style.schemaName(table.schema(), table.table(), label, last);
    }

    private static Schema extras(List<Column> columns, String name, FieldNames names) {
        SchemaBuilder extras = SchemaBuilder.struct().name(name).optional();
        columns.forEach(column -> extras.field(
                names.of(column.name()), ColumnCodec.of(column.kind()).optional()));
        return extras.build();
    }

    /** The topic of the change, or null if the change is not for this watcher. */
    @Nullable
    String topic(Change change) {
        Row row = change.row();
        boolean wanted = bit < 0 || row == null || (row.choice() & bit) != 0;
        return wanted ? topics.get(change.event()) : null;
    }

    Schema schema() {
        return schema;
    }

    boolean hasExtras() {
        return hasExtras;
    }

    /** Whether a shortened change lacks something that this watcher publishes. */
    boolean losesByShortening() {
        return hasExtras() || tellsChanged;
    }

    /**
     * The value of a record.
     *
     * @param key the changed row's key, or null if there is no row
     */
    Struct value(Change change, @Nullable Struct key, Date at) {
        Struct value = filled(
                schema,
                change.id(),
                change.event().text(),
                table.schema(),
                table.table(),
                label,
                key,
                picked(change, positions, change.values()),
                change.transactionId(),
                at);
        Row row = change.row();
        boolean updated = change.event() == Event.UPDATED;
        if (tellsChanged && updated && row != null) {
            value.put("changed", row.changed());
        }
        if (tellsOld && updated && row != null) {
            value.put("old", picked(change, positionsBefore, row.before()));
        }
        if (lsn) {
            value.put("lsn", change.visibleAt());
        }
        if (tellsCount && change.event().watchable()) {
            value.put("count", row == null ? 1L : row.count());
        }
        return value;
    }

    private @Nullable Struct picked(Change change, int @Nullable [] places, Object @Nullable [] from) {
        if (!hasExtras() || places == null || change.extrasLeftOut() || from == null) {
            return null;
        }
        Object[] picked = new Object[places.length];
        for (int i = 0; i < places.length; i++) {
            picked[i] = from[places[i]];
        }
        return filled(extras, picked);
    }

    /** A struct whose first fields are {@code values}, in the order of the schema. */
    static Struct filled(Schema schema, @Nullable Object... values) {
        Struct struct = new Struct(schema);
        List<Field> fields = schema.fields();
        // By field, not by name, which would need a lookup for each.
        for (int i = 0; i < Math.min(fields.size(), values.length); i++) {
            struct.put(fields.get(i), values[i]);
        }
        return struct;
    }
}
