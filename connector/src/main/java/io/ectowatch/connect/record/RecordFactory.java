package io.ectowatch.connect.record;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.ChangeLayout;
import io.ectowatch.connect.watch.WatchedTable;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records of one watched table: for each change one for every watcher that publishes it. The schemas are
 * built once. Immutable.
 */
public final class RecordFactory {

    /** Header of a record without its extra columns, because the change was too large to carry them. */
    public static final String EXTRAS_LEFT_OUT_HEADER = "ectowatch.extras.left.out";

    /**
     * Header of the deletion and the insertion as which an update that changed a row's primary key is published: a
     * text that both share with those of other rows of the same statement.
     */
    public static final String KEY_CHANGE_HEADER = "ectowatch.key.change";

    /** Header of an update's second record, whose key contains the previous values of the watcher's key columns. */
    public static final String FORMER_KEY_HEADER = "ectowatch.former.key";

    /** Header of a record that stands for several changes of its row: how many. */
    public static final String COUNT_HEADER = "ectowatch.count";

    /** Header of the records of a backfill: its id. */
    public static final String BACKFILL_HEADER = "ectowatch.backfill";

    /** Header of the record at the end of a backfill: how many rows it has published. */
    public static final String BACKFILL_COUNT_HEADER = "ectowatch.backfill.count";

    /** Header of the record of a backfill that ended before the end of the table: why. */
    public static final String BACKFILL_REASON_HEADER = "ectowatch.backfill.reason";

    private record Watcher(WatcherRecords records, RecordKey key, ChangeHeaders headers) {}

    private record Draft(
            Watcher watcher, String topic, @Nullable Struct key, RecordRole role, Change change) {}

    /**
     * The primary key inside the value, where it may be null: for Connect this is another schema than in the record's
     * key.
     */
    private final Schema optionalKey;

    private final List<Watcher> watchers;
    private final boolean tombstones;
    private final Clock clock;

    /** Makes records that consist only of key and value. */
    public RecordFactory(WatchedTable watched, String topicPrefix) {
        this(watched, new RecordStyle(topicPrefix, "", HeaderMode.NONE, false));
    }

    public RecordFactory(WatchedTable watched, RecordStyle style) {
        this(watched, style, Clock.systemUTC());
    }

    /** @param clock the worker's clock */
    RecordFactory(WatchedTable watched, RecordStyle style, Clock clock) {
        this.clock = clock;
        tombstones = style.tombstones();
        TableName table = watched.shape().name();
        optionalKey = RecordKey.fields(
                        SchemaBuilder.struct().name(style.schemaName(table.schema(), table.table(), "Key")),
                        watched.shape().key(),
                        style.fieldNames())
                .optional()
                .build();
        ChangeLayout entry = watched.entry();
        watchers = watched.watchers().stream()
                .map(watcher -> new Watcher(
                        new WatcherRecords(watcher, table, optionalKey, entry, style),
                        RecordKey.of(watched, watcher, style),
                        new ChangeHeaders(style, table, watcher)))
                .toList();
    }

    /**
     * Appends the change's records, in the order of the table's watchers. {@link Event#RESYNC} goes to all of them.
     *
     * @param change a change of this factory's table
     * @param sourceOffset the offset of the last record of the change; the others get {@link ChangeOffset#before}
     * @param out the list to append to
     */
    public void append(
            Change change,
            @Nullable Map<String, ?> sourcePartition,
            @Nullable Map<String, ?> sourceOffset,
            List<SourceRecord> out) {
        append(new Delivery(change, sourcePartition, sourceOffset), out);
    }

    /** Appends the records of a change, or of its versions, as the method above. */
    public void append(Delivery delivery, List<SourceRecord> out) {
        Change change = delivery.change();
        // The primary key comes first in the carried columns.
        Row row = change.row();
        Struct valueKey = row == null ? null : WatcherRecords.filled(optionalKey, row.values());
        Date at = new Date(change.at());
        long timestamp = timestamp(change.at(), clock.millis());
        List<Draft> drafts = drafts(delivery);
        for (int i = 0; i < drafts.size(); i++) {
            Map<String, ?> offset = ChangeOffset.of(delivery.offset(), i == drafts.size() - 1);
            out.add(record(drafts.get(i), valueKey, at, timestamp, delivery.partition(), offset));
        }
    }

    /**
     * The record's timestamp. Brokers reject a timestamp that is more than an hour ahead of their own clock ({@code
     * message.timestamp.after.max.ms}), which would fail the task; the producer rejects one before 1970. So the
     * timestamp is never after the worker's current time, even if the database server's clock is wrong.
     */
    static long timestamp(long at, long now) {
        return Math.max(0, Math.min(at, now));
    }

    /** Whether that watcher publishes the change. */
    boolean publishes(int watcher, Change change) {
        return watchers.get(watcher).records().topic(change) != null;
    }

    /** Whether an update has changed the record key of that watcher. */
    boolean movesKey(int watcher, Change change) {
        RecordKey key = watchers.get(watcher).key();
        return key.former(change, key.of(change)) != null;
    }

    private List<Draft> drafts(Delivery delivery) {
        List<Draft> drafts = new ArrayList<>(watchers.size());
        for (int i = 0; i < watchers.size(); i++) {
            Watcher watcher = watchers.get(i);
            Change change = delivery.versions() == null ? delivery.change() : delivery.versions()[i];
            String topic = change == null ? null : watcher.records().topic(change);
            if (change == null || topic == null) {
                continue;
            }
            Struct key = watcher.key().of(change);
            Struct former = watcher.key().former(change, key);
            if (former != null) {
                drafts.add(new Draft(watcher, topic, former, RecordRole.FORMER_KEY, change));
            }
            drafts.add(new Draft(watcher, topic, key, RecordRole.CHANGE, forWatcher(change, i)));
        }
        if (tombstones && delivery.change().event() == Event.DELETED) {
            addTombstones(drafts);
        }
        return drafts;
    }

    /**
     * Each watcher has to close its own gap, so its {@link Event#RESYNC} has its own id, even if watchers share a
     * topic. The same holds for the end of a backfill.
     */
    private static Change forWatcher(Change change, int watcher) {
        if (watcher == 0 || change.event().watchable() || change.event().hasRow()) {
            return change;
        }
        String id = change.id() + "." + (watcher + 1);
        return new Change(
                change.table(),
                change.event(),
                id,
                change.transactionId(),
                change.at(),
                change.row(),
                change.backfill(),
                change.visibleAt(),
                change.context());
    }

    /** One tombstone for each topic, after all other records: a compacted topic would keep a record that follows it. */
    private static void addTombstones(List<Draft> drafts) {
        Map<String, Draft> byTopic = new LinkedHashMap<>();
        drafts.stream()
                .filter(draft -> draft.key() != null)
                .forEach(draft -> byTopic.putIfAbsent(draft.topic(), draft));
        byTopic.forEach((topic, draft) ->
                drafts.add(new Draft(draft.watcher(), topic, draft.key(), RecordRole.TOMBSTONE, draft.change())));
    }

    private static SourceRecord record(
            Draft draft,
            @Nullable Struct valueKey,
            Date at,
            long timestamp,
            @Nullable Map<String, ?> sourcePartition,
            @Nullable Map<String, ?> sourceOffset) {
        Change change = draft.change();
        WatcherRecords records = draft.watcher().records();
        boolean tombstone = draft.role() == RecordRole.TOMBSTONE;
        SourceRecord record = new SourceRecord(
                sourcePartition,
                sourceOffset,
                draft.topic(),
                null,
                draft.key() == null ? null : draft.key().schema(),
                draft.key(),
                tombstone ? null : records.schema(),
                tombstone ? null : records.value(change, valueKey, at),
                timestamp);
        draft.watcher().headers().addTo(record.headers(), change, draft.role(), valueKey);
        if (!tombstone) {
            addRemarks(record.headers(), draft, change);
        }
        return record;
    }

    /** Adds the headers that only some records need. */
    private static void addRemarks(Headers headers, Draft draft, Change change) {
        if (change.extrasLeftOut() && draft.watcher().records().losesByShortening()) {
            headers.addBoolean(EXTRAS_LEFT_OUT_HEADER, true);
        }
        Row row = change.row();
        if (row != null && row.statement() != 0) {
            headers.addString(KEY_CHANGE_HEADER, change.transactionId() + "." + row.statement());
        }
        if (row != null && row.count() > 1) {
            headers.addString(COUNT_HEADER, Long.toString(row.count()));
        }
        if (draft.role() == RecordRole.FORMER_KEY) {
            headers.addBoolean(FORMER_KEY_HEADER, true);
        }
        if (change.backfill() != null) {
            addBackfill(headers, change.backfill());
        }
    }

    private static void addBackfill(Headers headers, BackfillNote backfill) {
        headers.addString(BACKFILL_HEADER, backfill.id());
        if (backfill.count() != null) {
            headers.addString(BACKFILL_COUNT_HEADER, backfill.count().toString());
        }
        if (backfill.reason() != null) {
            headers.addString(BACKFILL_REASON_HEADER, backfill.reason());
        }
    }
}
