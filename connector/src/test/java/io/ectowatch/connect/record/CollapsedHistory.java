package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import io.ectowatch.connect.watch.WatcherFilter;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** Changes of a table, and what its watchers publish of them: each change, or collapsed by key or record key or in a backlog. */
final class CollapsedHistory {

    private static final Column ID = Tables.column("id", ColumnKind.INT64, "bigint");
    private static final Column POST = Tables.column("post", ColumnKind.INT64, "bigint");
    private static final Column BODY = Tables.column("body", ColumnKind.TEXT, "text");
    private static final TableName TABLE = new TableName("public", "comments");

    /** Rows: choice by watcher, id, post, body; before: post, body. */
    private final WatchedTable table = watched(
            Tables.watcher("each", filter(List.of(), Collapse.NONE), BODY),
            Tables.watcher("always", filter(List.of(), Collapse.ALWAYS), BODY),
            Tables.watcher("posts", filter(List.of(POST), Collapse.ALWAYS), BODY),
            Tables.watcher("backlog", filter(List.of(), Collapse.BACKLOG), BODY));

    private final PerTable<RecordFactory> factories =
            new PerTable<>(watched -> new RecordFactory(watched, "t"), List::of);
    private long collapsed;
    private final Collapser collapser = new Collapser(factories, count -> collapsed += count);

    private final List<Change> history = new ArrayList<>();

    private static WatchedTable watched(TableWatcher... watchers) {
        List<Column> columns = List.of(ID, POST, BODY);
        return new WatchedTable(
                new TableShape(1, TABLE, "postgres", columns, List.of(ID), TableShape.Triggers.STATEMENT),
                List.of(watchers));
    }

    private static WatcherFilter filter(List<Column> key, Collapse collapse) {
        // The column makes the table one whose changes name their watchers.
        return new WatcherFilter(List.of(BODY), null, key, true, false, true, collapse);
    }

    /** The changes so far. */
    List<Change> changes() {
        return history;
    }

    WatchedTable table() {
        return table;
    }

    /** How many changes got no record of their own, at all calls so far. */
    long collapsed() {
        return collapsed;
    }

    void insert(long id, long post, String body) {
        add(Event.INSERTED, row(id, post, body, null, null));
    }

    void update(long id, long post, String before, String after) {
        add(Event.UPDATED, row(id, post, after, List.of("body"), before));
    }

    static Row row(long id, long post, String body, List<String> changed, String before) {
        Object[] old = {changed == null ? null : post, before};
        return new Row(new Object[] {id, post, body}, false, 15, changed, old, 0);
    }

    void add(Event event, Row row) {
        history.add(new Change(table, event, "" + history.size(), 1, 1, row));
    }

    List<SourceRecord> records(boolean behind) {
        List<Delivery> deliveries = new ArrayList<>();
        for (Change change : history) {
            deliveries.add(new Delivery(change, Map.of(), new Numbered(deliveries.size(), deliveries.size() - 1)));
        }
        List<SourceRecord> records = new ArrayList<>();
        collapser
                .collapse(deliveries, behind)
                .forEach(delivery -> factories.of(delivery.change().table()).append(delivery, records));
        return records;
    }

    /** What a watcher gets: the number of the change, the event, the row, its values and old values, and the count. */
    List<String> published(String watcher, boolean behind) {
        return records(behind).stream()
                .filter(record -> record.topic().equals("t." + watcher))
                .map(record -> described((Struct) record.value()))
                .toList();
    }

    private static String described(Struct value) {
        String start = value.getString("id").split("[.]")[0] + " " + value.getString("event");
        Struct key = value.getStruct("key");
        if (key == null) {
            return start;
        }
        return start + " " + key.get("id") + " " + body(value.getStruct("values")) + " was "
                + body(value.getStruct("old")) + ", "
                + (value.schema().field("count") == null ? null : value.get("count"));
    }

    private static Object body(Struct values) {
        return values == null ? null : values.get("body");
    }

    /** The offset of the change with that number. */
    private static final class Numbered extends AbstractMap<String, Object> implements ChangeOffset {

        private final long number;
        private final long before;

        Numbered(long number, long before) {
            this.number = number;
            this.before = before;
        }

        @Override
        public Map<String, Object> before() {
            return new Numbered(before, before);
        }

        @Override
        public ChangeOffset since(ChangeOffset first) {
            return new Numbered(number, (Long) first.before().get("change"));
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            return Map.<String, Object>of("change", number).entrySet();
        }
    }
}
