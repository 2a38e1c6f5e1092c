package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Collapse;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import io.ectowatch.connect.watch.WatcherFilter;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which changes of a row become one record, what it contains, and what its offset covers. */
class CollapserTest {

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

    @Test
    void updatesOfARowAreOneRecordWithTheLastValuesAndTheFirstOldOnes() {
        update(1, 7, "a", "b");
        update(2, 7, "x", "y");
        update(1, 7, "b", "c");

        assertThat(published("always", false)).containsExactly("1 updated 2 y was x, 1", "2 updated 1 c was a, 2");
        assertThat(published("each", false))
                .containsExactly("0 updated 1 b was a, null", "1 updated 2 y was x, null", "2 updated 1 c was b, null");
        assertThat(collapsed).as("one each for always and posts, at two calls").isEqualTo(4);
    }

    @Test
    void aRecordOfSeveralChangesHasTheirNumberInAHeader() {
        update(1, 7, "a", "b");
        update(1, 7, "b", "c");
        update(2, 7, "x", "y");

        assertThat(records(false).stream()
                        .filter(record -> record.topic().equals("t.always"))
                        .map(record -> record.headers().lastWithName("ectowatch.count"))
                        .map(header -> header == null ? null : header.value()))
                .containsExactly("2", null);
    }

    @Test
    void theUpdatesThatFollowAnInsertionAreTakenIn() {
        insert(1, 7, "a");
        update(1, 7, "a", "b");
        update(1, 7, "b", "c");

        assertThat(published("always", false)).containsExactly("2 inserted 1 c was null, 3");
    }

    @Test
    void nothingIsCollapsedAcrossADeletionATruncationAResyncOrARowOfABackfill() {
        for (Event barrier : List.of(Event.DELETED, Event.TRUNCATED, Event.RESYNC, Event.READ)) {
            history.clear();
            update(1, 7, "a", "b");
            boolean ofRow = barrier.hasRow();
            add(barrier, ofRow ? row(1, 7, "b", null, null) : null);
            update(1, 7, "b", "c");

            assertThat(published("always", false))
                    .as(barrier.text())
                    .hasSize(3)
                    .first()
                    .isEqualTo("0 updated 1 b was a, 1");
        }
    }

    @Test
    void aDeletionThatAWatcherDoesNotPublishIsABarrierToo() {
        insert(1, 7, "a");
        add(Event.DELETED, new Row(new Object[] {1L, 7L, "a"}, false, 0, null, new Object[2], 0));
        update(1, 7, "b", "c");

        assertThat(published("always", false)).containsExactly("0 inserted 1 a was null, 1", "2 updated 1 c was b, 1");
    }

    @Test
    void anUpdateThatChangesTheRecordKeyHasRecordsOfItsOwn() {
        update(1, 7, "a", "b");
        add(Event.UPDATED, new Row(new Object[] {1L, 8L, "c"}, false, 15, List.of("post"), new Object[] {7L, "b"}, 0));
        update(1, 8, "c", "d");

        assertThat(published("always", false)).containsExactly("2 updated 1 d was a, 3");
        assertThat(published("posts", false))
                .containsExactly(
                        "0 updated 1 b was a, 1",
                        "1 updated 1 c was b, 1",
                        "1 updated 1 c was b, 1",
                        "2 updated 1 d was c, 1");
    }

    @Test
    void theHalvesOfAChangedPrimaryKeyAndRowsWithoutValuesAreNotCollapsed() {
        add(Event.INSERTED, new Row(new Object[] {1L, 7L, "a"}, false, 15, null, new Object[2], 42));
        update(1, 7, "a", "b");
        add(Event.UPDATED, new Row(new Object[] {1L, 7L}, true, 15, null, new Object[] {7L}, 0));
        update(1, 7, "b", "c");

        assertThat(published("always", false)).hasSize(4);
    }

    @Test
    void changesWithDifferentContextsAreNotCollapsed() {
        ChangeContext one = new ChangeContext("one", null, null, null, false);
        ChangeContext two = new ChangeContext("two", null, null, null, false);
        for (ChangeContext context : new ChangeContext[] {one, one, two, null}) {
            Row row = row(1, 7, "b" + history.size(), List.of("body"), "a");
            history.add(new Change(table, Event.UPDATED, "" + history.size(), 1, 1, row, null, null, context));
        }

        assertThat(published("always", false))
                .containsExactly("1 updated 1 b1 was a, 2", "2 updated 1 b2 was a, 1", "3 updated 1 b3 was a, 1");
    }

    @Test
    void aBacklogIsCollapsedOnlyWhileTheTaskIsBehind() {
        update(1, 7, "a", "b");
        update(1, 7, "b", "c");

        assertThat(published("backlog", false)).hasSize(2);
        assertThat(published("backlog", true)).containsExactly("1 updated 1 c was a, 2");
    }

    @Test
    void theChangedColumnsAreUnitedInTheTablesOrder() {
        add(Event.UPDATED, new Row(new Object[] {1L, 7L, "b"}, false, 15, List.of("body"), new Object[] {7L, "a"}, 0));
        add(Event.UPDATED, new Row(new Object[] {1L, 7L, "b"}, false, 15, List.of("post"), new Object[] {7L, "b"}, 0));

        Struct value = (Struct) records(false).stream()
                .filter(record -> record.topic().equals("t.always"))
                .findFirst()
                .orElseThrow()
                .value();
        assertThat(value.getArray("changed")).containsExactly("post", "body");
    }

    /** Against a model that looks at each row alone, and with a restart after each record. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void generatedHistoriesKeepTheirMeaningAndNothingIsSkippedByARestart(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            generate(random);
            for (boolean behind : new boolean[] {false, true}) {
                for (String watcher : List.of("each", "always", "posts", "backlog")) {
                    boolean collapses = !watcher.equals("each") && (behind || !watcher.equals("backlog"));
                    assertThat(byRow(published(watcher, behind)))
                            .as("history %d of seed %d for %s", i, seed, watcher)
                            .isEqualTo(byRow(modelled(watcher, collapses)));
                }
                checkRestarts(records(behind));
            }
        }
    }

    private void generate(Random random) {
        history.clear();
        Map<Long, String> bodies = new TreeMap<>();
        int text = 0;
        for (int i = 0; i < 14; i++) {
            long id = random.nextInt(3);
            long choice = random.nextInt(16);
            String body = bodies.get(id);
            String next = "v" + text++;
            int dice = random.nextInt(20);
            if (dice == 0) {
                add(random.nextBoolean() ? Event.TRUNCATED : Event.RESYNC, null);
                bodies.clear();
            } else if (body == null) {
                add(Event.INSERTED, new Row(new Object[] {id, 7L, next}, false, choice, null, new Object[2], 0));
                bodies.put(id, next);
            } else if (dice < 3) {
                add(Event.DELETED, new Row(new Object[] {id, 7L, body}, false, choice, null, new Object[2], 0));
                bodies.remove(id);
            } else {
                add(
                        Event.UPDATED,
                        new Row(
                                new Object[] {id, 7L, next},
                                false,
                                choice,
                                List.of("body"),
                                new Object[] {7L, body},
                                0));
                bodies.put(id, next);
            }
        }
    }

    /** What a watcher should publish: each run of updates of a row, with the insertion before it, as one. */
    private List<String> modelled(String watcher, boolean collapses) {
        int bit = List.of("each", "always", "posts", "backlog").indexOf(watcher);
        Map<Long, String[]> runs = new TreeMap<>(); // number, event, body, old, count
        List<String> published = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            Change change = history.get(i);
            Row row = change.row();
            if (row == null) {
                runs.values().forEach(run -> published.add(described(run)));
                runs.clear();
                published.add(i + " " + change.event().text());
                continue;
            }
            Long id = (Long) row.values()[0];
            boolean wanted = (row.choice() >> bit & 1) == 1;
            boolean update = change.event() == Event.UPDATED;
            String[] run = runs.get(id);
            if (run != null && (!update || wanted && !collapses)) {
                published.add(described(run));
                runs.remove(id);
                run = null;
            }
            if (wanted) {
                String body = (String) row.values()[2];
                String count = bit == 0 ? "null" : "1";
                if (run == null) {
                    runs.put(id, new String[] {
                        "" + i, change.event().text(), id + " " + body, "" + (update ? row.before()[1] : null), count
                    });
                } else {
                    run[0] = "" + i;
                    run[2] = id + " " + body;
                    run[4] = "" + (Integer.parseInt(run[4]) + 1);
                }
            }
        }
        runs.values().forEach(run -> published.add(described(run)));
        return published;
    }

    private static String described(String[] run) {
        return run[0] + " " + run[1] + " " + run[2] + " was " + run[3] + ", " + run[4];
    }

    /** By row, in the order of the numbers; what belongs to no row under its event. */
    private static Map<String, List<String>> byRow(List<String> published) {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String line : published) {
            String[] words = line.split(" ");
            rows.computeIfAbsent(words.length < 3 ? words[1] : words[2], row -> new ArrayList<>())
                    .add(line);
        }
        return rows;
    }

    /** Whatever record is the last that was committed: what its offset covers has been published. */
    private void checkRestarts(List<SourceRecord> records) {
        Set<String> covered = new HashSet<>();
        long before = -1;
        for (SourceRecord record : records) {
            cover(record, covered);
            long offset = (Long) record.sourceOffset().get("change");
            assertThat(offset).isGreaterThanOrEqualTo(before);
            before = offset;
            for (int i = 0; i <= offset; i++) {
                assertThat(covered).containsAll(wanted(i));
            }
        }
        for (int i = 0; i < history.size(); i++) {
            assertThat(covered).containsAll(wanted(i));
            if (i > before) {
                assertThat(wanted(i)).isEmpty();
            }
        }
    }

    /** What is to be published of a change: the topics, with its number. */
    private Set<String> wanted(int number) {
        Set<String> wanted = new TreeSet<>();
        Row row = history.get(number).row();
        for (int i = 0; i < 4; i++) {
            if (row == null || (row.choice() >> i & 1) == 1) {
                wanted.add("t." + List.of("each", "always", "posts", "backlog").get(i) + number);
            }
        }
        return wanted;
    }

    /** Adds the changes for which the record stands: the last ones of its row that its watcher publishes. */
    private void cover(SourceRecord record, Set<String> covered) {
        Header count = record.headers().lastWithName(RecordFactory.COUNT_HEADER);
        int missing = count == null ? 1 : Integer.parseInt((String) count.value());
        int last = Integer.parseInt(((Struct) record.value()).getString("id").split("[.]")[0]);
        Row row = history.get(last).row();
        for (int i = last; i >= 0 && missing > 0; i--) {
            Row other = history.get(i).row();
            boolean same = i == last || row != null && other != null && row.values()[0].equals(other.values()[0]);
            if (same && wanted(i).contains(record.topic() + i)) {
                covered.add(record.topic() + i);
                missing--;
            }
        }
    }

    private void insert(long id, long post, String body) {
        add(Event.INSERTED, row(id, post, body, null, null));
    }

    private void update(long id, long post, String before, String after) {
        add(Event.UPDATED, row(id, post, after, List.of("body"), before));
    }

    private static Row row(long id, long post, String body, List<String> changed, String before) {
        Object[] old = {changed == null ? null : post, before};
        return new Row(new Object[] {id, post, body}, false, 15, changed, old, 0);
    }

    private void add(Event event, Row row) {
        history.add(new Change(table, event, "" + history.size(), 1, 1, row));
    }

    private List<SourceRecord> records(boolean behind) {
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
    private List<String> published(String watcher, boolean behind) {
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
