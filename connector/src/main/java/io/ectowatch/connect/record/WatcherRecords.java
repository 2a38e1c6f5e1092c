package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.WatchedTable.TableWatcher;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.TableName;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;

/** What the records of one watcher have of their own: topics, the schema of the value, and the extra columns. */
final class WatcherRecords {

    private final TableName table;
    private final String label;
    private final Map<Event, String> topics = new EnumMap<>(Event.class);
    private final Schema schema;
    private final Schema extras;
    /** Where among the carried columns each of the extra columns is. */
    private final int[] positions;

    /** @param carried the columns of a change's values */
    WatcherRecords(TableWatcher watcher, TableName table, Schema key, List<Column> carried, String topicPrefix) {
        this.table = table;
        label = watcher.label();
        watcher.events().forEach(wanted -> topics.put(wanted, watcher.topics().get(wanted)));
        topics.put(Event.RESYNC, watcher.topics().get(Event.RESYNC));
        positions = watcher.extraColumns().stream().mapToInt(carried::indexOf).toArray();
        extras = extras(watcher.extraColumns(), name(topicPrefix, "Values"));
        schema = SchemaBuilder.struct()
                .name(name(topicPrefix, "Change"))
                .field("id", Schema.STRING_SCHEMA)
                .field("event", Schema.STRING_SCHEMA)
                .field("schema", Schema.STRING_SCHEMA)
                .field("table", Schema.STRING_SCHEMA)
                .field("label", Schema.OPTIONAL_STRING_SCHEMA)
                .field("key", key)
                .field("values", extras)
                .field("txid", Schema.INT64_SCHEMA)
                .field("at", Timestamp.SCHEMA)
                .build();
    }

    private String name(String topicPrefix, String last) {
        return label == null
                ? SchemaName.of(topicPrefix, table.schema(), table.table(), last)
                : SchemaName.of(topicPrefix, table.schema(), table.table(), label, last);
    }

    private static Schema extras(List<Column> columns, String name) {
        SchemaBuilder extras = SchemaBuilder.struct().name(name).optional();
        columns.forEach(column ->
                extras.field(column.name(), ColumnCodec.of(column.kind()).optional()));
        return extras.build();
    }

    /** Where that event goes, or null when the watcher does not ask for it. */
    String topic(Event wanted) {
        return topics.get(wanted);
    }

    Schema schema() {
        return schema;
    }

    boolean hasExtras() {
        return positions.length > 0;
    }

    /**
     * The value of a record.
     *
     * @param key the changed row's key, or null where there is no row
     */
    Struct value(Change change, Struct key, Date at) {
        return filled(
                schema,
                change.id(),
                change.event().text(),
                table.schema(),
                table.table(),
                label,
                key,
                extras(change),
                change.transactionId(),
                at);
    }

    private Struct extras(Change change) {
        if (!hasExtras() || change.extrasLeftOut() || change.values() == null) {
            return null;
        }
        Object[] picked = new Object[positions.length];
        for (int i = 0; i < positions.length; i++) {
            picked[i] = change.values()[positions[i]];
        }
        return filled(extras, picked);
    }

    /** A struct of the first of {@code values}, in the order of the schema's fields. */
    static Struct filled(Schema schema, Object... values) {
        Struct struct = new Struct(schema);
        List<Field> fields = schema.fields();
        // By field and not by name: that spares a look-up for each.
        for (int i = 0; i < fields.size(); i++) {
            struct.put(fields.get(i), values[i]);
        }
        return struct;
    }
}
