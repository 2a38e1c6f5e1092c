package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.TableName;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Makes the records of one watched table: for each change one to every watcher that asks for its event. The schemas are
 * built once. Immutable.
 */
public final class RecordFactory {

    /** Header of a record whose extra columns had to be left out because the change was too large to carry them. */
    public static final String EXTRAS_LEFT_OUT_HEADER = "ectowatch.extras.left.out";

    private final TableName table;
    /** The record's key. */
    private final Schema key;
    /** The same once more inside the value, where it may be null: to Connect a different schema. */
    private final Schema optionalKey;

    private final List<WatcherRecords> watchers;

    /** @param topicPrefix the prefix of the schemas' names, as {@code topic.prefix} has it */
    public RecordFactory(WatchedTable watched, String topicPrefix) {
        table = watched.shape().name();
        key = key(watched, topicPrefix).build();
        optionalKey = key(watched, topicPrefix).optional().build();
        List<Column> carried = watched.carried();
        watchers = watched.watchers().stream()
                .map(watcher -> new WatcherRecords(watcher, table, optionalKey, carried, topicPrefix))
                .toList();
    }

    private static SchemaBuilder key(WatchedTable watched, String topicPrefix) {
        TableName table = watched.shape().name();
        SchemaBuilder key =
                SchemaBuilder.struct().name(SchemaName.of(topicPrefix, table.schema(), table.table(), "Key"));
        watched.shape()
                .key()
                .forEach(column ->
                        key.field(column.name(), ColumnCodec.of(column.kind()).required()));
        return key;
    }

    /**
     * Appends the change's records, in the order of the table's watchers. {@link Event#RESYNC} goes to all of them.
     *
     * @param change a change of this factory's table
     * @param sourceOffset of the last of the change's records; those before it get {@link ChangeOffset#before}
     * @param out gets a record for each watcher concerned
     */
    public void append(
            Change change, Map<String, ?> sourcePartition, Map<String, ?> sourceOffset, List<SourceRecord> out) {
        Struct recordKey = key(key, change.values());
        Struct valueKey = key(optionalKey, change.values());
        Date at = new Date(change.at());
        WatcherRecords waiting = null;
        for (WatcherRecords watcher : watchers) {
            if (watcher.topic(change.event()) == null) {
                continue;
            }
            if (waiting != null) {
                out.add(record(
                        waiting,
                        change,
                        recordKey,
                        valueKey,
                        at,
                        sourcePartition,
                        ChangeOffset.of(sourceOffset, false)));
            }
            waiting = watcher;
        }
        if (waiting != null) {
            out.add(record(waiting, change, recordKey, valueKey, at, sourcePartition, sourceOffset));
        }
    }

    private SourceRecord record(
            WatcherRecords watcher,
            Change change,
            Struct recordKey,
            Struct valueKey,
            Date at,
            Map<String, ?> sourcePartition,
            Map<String, ?> sourceOffset) {
        SourceRecord record = new SourceRecord(
                sourcePartition,
                sourceOffset,
                watcher.topic(change.event()),
                null,
                recordKey == null ? null : key,
                recordKey,
                watcher.schema(),
                watcher.value(change, valueKey, at),
                change.at());
        if (change.extrasLeftOut() && watcher.hasExtras()) {
            record.headers().addBoolean(EXTRAS_LEFT_OUT_HEADER, true);
        }
        return record;
    }

    /** The key leads the carried columns. */
    private static Struct key(Schema schema, Object[] values) {
        return values == null ? null : WatcherRecords.filled(schema, values);
    }
}
