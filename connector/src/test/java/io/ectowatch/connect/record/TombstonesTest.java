package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TombstonesTest {

    private static final TableName TABLE = new TableName("public", "users");
    private static final Column ID = Tables.column("id", ColumnKind.INT64, "bigint");
    private static final Column EMAIL = Tables.column("email", ColumnKind.TEXT, "text");

    private final WatchedTable plain = Tables.watched(TABLE, List.of(ID), Tables.watcher());

    @Test
    void aDeletionIsFollowedByARecordWithItsKeyAndNoValue() {
        List<SourceRecord> records = records(change(plain, Event.DELETED), HeaderMode.NONE, true);

        assertThat(records).hasSize(2);
        SourceRecord deletion = records.get(0);
        SourceRecord tombstone = records.get(1);
        assertThat(deletion.value()).isNotNull();
        assertThat(tombstone.value()).isNull();
        assertThat(tombstone.valueSchema()).isNull();
        assertThat(tombstone.key()).isEqualTo(deletion.key());
        assertThat(tombstone.keySchema()).isEqualTo(deletion.keySchema());
        assertThat(tombstone.topic()).isEqualTo(deletion.topic());
        assertThat(tombstone.timestamp()).isEqualTo(deletion.timestamp());
        assertThat(tombstone.headers()).isEmpty();
    }

    @Test
    void noTombstoneIsPublishedByDefault() {
        assertThat(records(change(plain, Event.DELETED), HeaderMode.NONE, false))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = "DELETED", mode = EnumSource.Mode.EXCLUDE)
    void nothingElseIsFollowedByOne(Event event) {
        Change change = event.hasRow()
                ? change(plain, event)
                : new Change(plain, event, "771.42.0", 771, 1_700_000_000_000L, null, false);

        assertThat(records(change, HeaderMode.NONE, true)).hasSize(1);
    }

    @Test
    void aWatcherThatDoesNotReportDeletionsGetsNone() {
        WatchedTable watched = Tables.watched(
                TABLE,
                List.of(ID),
                Tables.watcher("made", EnumSet.of(Event.INSERTED)),
                Tables.watcher("gone", EnumSet.of(Event.DELETED)));

        assertThat(records(change(watched, Event.DELETED), HeaderMode.NONE, true))
                .extracting(SourceRecord::topic)
                .containsExactly("t.gone", "t.gone");
    }

    /** Whatever came behind it would be what a compacted topic remembers. */
    @Test
    void watchersThatShareATopicGetOneTombstoneBehindAllTheirRecords() {
        WatchedTable watched = Tables.watched(
                TABLE, List.of(ID), Tables.watcher("people", events()), Tables.watcher("people", events(), EMAIL));

        assertThat(records(change(watched, Event.DELETED, "a@b"), HeaderMode.NONE, true))
                .extracting(record -> record.value() != null)
                .containsExactly(true, true, false);
    }

    /** Connect commits the offset of each record that Kafka has taken, whatever became of the others. */
    @Test
    void onlyTheTombstoneSaysThatTheDeletionIsDone() {
        List<SourceRecord> records = new ArrayList<>();

        factory(plain, HeaderMode.NONE, true).append(change(plain, Event.DELETED), Map.of(), new Step("done"), records);

        assertThat(records)
                .extracting(record -> (String) record.sourceOffset().get("step"))
                .containsExactly("before done", "done");
    }

    @Test
    void itsHeadersDoNotAnnounceASecondDeletion() {
        assertThat(headers(records(change(plain, Event.DELETED), HeaderMode.BASIC, true)
                        .get(1)))
                .contains(entry("ectowatch.event", "tombstone"));
        assertThat(headers(records(change(plain, Event.DELETED), HeaderMode.CLOUDEVENTS, true)
                        .get(1)))
                .contains(entry("ce_id", "771.42.0.tombstone"), entry("ce_type", "ectowatch.tombstone"));
    }

    private static final class Step extends AbstractMap<String, Object> implements ChangeOffset {

        private final String name;

        Step(String name) {
            this.name = name;
        }

        @Override
        public Map<String, Object> before() {
            return new Step("before " + name);
        }

        @Override
        public ChangeOffset since(ChangeOffset first) {
            return this;
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            return Map.<String, Object>of("step", name).entrySet();
        }
    }

    private static Set<Event> events() {
        return EnumSet.of(Event.INSERTED, Event.UPDATED, Event.DELETED);
    }

    private static Map<String, Object> headers(SourceRecord record) {
        List<Header> headers = new ArrayList<>();
        record.headers().forEach(headers::add);
        return headers.stream().collect(Collectors.toMap(Header::key, Header::value));
    }

    /** Of the row whose id is 7. */
    private static Change change(WatchedTable table, Event event, Object... extras) {
        Object[] values = new Object[1 + extras.length];
        values[0] = 7L;
        System.arraycopy(extras, 0, values, 1, extras.length);
        return new Change(table, event, "771.42.0", 771, 1_700_000_000_000L, values, false);
    }

    private static List<SourceRecord> records(Change change, HeaderMode headers, boolean tombstones) {
        List<SourceRecord> records = new ArrayList<>();
        factory(change.table(), headers, tombstones).append(change, Map.of(), Map.of(), records);
        return records;
    }

    private static RecordFactory factory(WatchedTable table, HeaderMode headers, boolean tombstones) {
        return new RecordFactory(table, new RecordStyle("shop", "shop", headers, tombstones));
    }
}
