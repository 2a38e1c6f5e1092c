package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.FieldNames;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RecordFactoryTest {

    private static final TableName TABLE = new TableName("public", "users");
    private static final Column ID = Tables.column("id", ColumnKind.INT64, "bigint");
    private static final Column REGION = Tables.column("region", ColumnKind.TEXT, "text");
    private static final Column EMAIL = Tables.column("email", ColumnKind.TEXT, "text");
    private static final Column AGE = Tables.column("age", ColumnKind.INT32, "integer");

    private static final Map<String, ?> PARTITION = Map.of("connector", "shop");
    private static final Map<String, ?> OFFSET = Map.of("lsn", 7L);

    private final WatchedTable plain = Tables.watched(TABLE, List.of(ID), Tables.watcher());

    @Test
    void aRecordIsTheDocumentedJson() {
        SourceRecord record = only(plain, change(plain, Event.UPDATED, 7L));

        assertThat(json(record.keySchema(), record.key())).isEqualTo("{\"id\":7}");
        assertThat(json(record.valueSchema(), record.value()))
                .isEqualTo("{\"id\":\"771.42.0\",\"event\":\"updated\",\"schema\":\"public\",\"table\":\"users\","
                        + "\"label\":null,\"key\":{\"id\":7},\"values\":null,\"txid\":771,\"at\":1700000000000}");
    }

    @Test
    void aRecordGoesToItsWatchersTopicWithTheOffsetsOfItsChange() {
        SourceRecord record = only(plain, change(plain, Event.DELETED, 7L));

        assertThat(record.topic()).isEqualTo("t.deleted");
        assertThat(record.kafkaPartition()).isNull();
        assertThat(record.timestamp()).isEqualTo(1_700_000_000_000L);
        assertThat(record.sourcePartition()).isEqualTo(PARTITION);
        assertThat(record.sourceOffset()).isEqualTo(OFFSET);
        assertThat(record.headers()).isEmpty();
    }

    /** A broker refuses what is an hour ahead of its own clock, the producer what is before 1970. */
    @ParameterizedTest
    @CsvSource({
        "1700000000000, 1700000000001, 1700000000000",
        "1700000000000, 1700000000000, 1700000000000",
        "1700007200000, 1700000000000, 1700000000000",
        "9223372036854775, 1700000000000, 1700000000000",
        "0, 1700000000000, 0",
        "-1, 1700000000000, 0"
    })
    void theTimeThatKafkaSeesIsNotAheadOfTheWorkersClock(long at, long now, long timestamp) {
        Change change = new Change(plain, Event.TRUNCATED, "771.42.0", 771, at, null);
        List<SourceRecord> records = new ArrayList<>();
        RecordStyle style = new RecordStyle("shop", "shop", HeaderMode.CLOUDEVENTS, false);
        new RecordFactory(plain, style, Clock.fixed(Instant.ofEpochMilli(now), ZoneOffset.UTC))
                .append(change, PARTITION, OFFSET, records);

        assertThat(records).singleElement().satisfies(record -> {
            assertThat(record.timestamp()).isEqualTo(timestamp);
            assertThat(((Struct) record.value()).get("at")).isEqualTo(new Date(at));
            assertThat(record.headers().lastWithName("ce_time").value())
                    .isEqualTo(Instant.ofEpochMilli(at).toString());
        });
    }

    @Test
    void theSchemasHaveTheDocumentedNamesAndFields() {
        WatchedTable watched = Tables.watched(TABLE, List.of(ID, REGION), Tables.watcher(EMAIL));

        SourceRecord record = only(watched, change(watched, Event.INSERTED, 7L, "eu", "a@b"));

        assertThat(record.keySchema().name()).isEqualTo("shop.public.users.Key");
        assertThat(record.keySchema().isOptional()).isFalse();
        assertThat(record.keySchema().fields())
                .containsExactly(new Field("id", 0, Schema.INT64_SCHEMA), new Field("region", 1, Schema.STRING_SCHEMA));
        Schema value = record.valueSchema();
        assertThat(value.name()).isEqualTo("shop.public.users.Change");
        assertThat(value.fields())
                .extracting(Field::name)
                .containsExactly("id", "event", "schema", "table", "label", "key", "values", "txid", "at");
        assertThat(value.field("at").schema()).isEqualTo(Timestamp.SCHEMA);
        assertThat(value.field("key").schema().name()).isEqualTo("shop.public.users.Key");
        assertThat(value.field("key").schema().isOptional()).isTrue();
        assertThat(value.field("values").schema().name()).isEqualTo("shop.public.users.Values");
        assertThat(value.field("values").schema().isOptional()).isTrue();
        assertThat(value.field("values").schema().fields())
                .containsExactly(new Field("email", 0, Schema.OPTIONAL_STRING_SCHEMA));
    }

    @Test
    void aKeyOfTwoColumnsKeepsBothInTheirOrder() {
        WatchedTable watched = Tables.watched(TABLE, List.of(REGION, ID), Tables.watcher());

        SourceRecord record = only(watched, change(watched, Event.UPDATED, "eu", 7L));

        assertThat(json(record.keySchema(), record.key())).isEqualTo("{\"region\":\"eu\",\"id\":7}");
        assertThat(json(record.valueSchema(), record.value())).contains("\"key\":{\"region\":\"eu\",\"id\":7}");
    }

    @Test
    void theSchemaComesFirstInAKeyThatHasIt() {
        RecordStyle style =
                new RecordStyle("shop", "shop", HeaderMode.NONE, true, true, FieldNames.EXACT, false, false);
        Column schema = Tables.column("schema", ColumnKind.TEXT, "text");
        WatchedTable odd = Tables.watched(TABLE, List.of(schema), Tables.watcher());
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(plain, style).append(change(plain, Event.DELETED, 7L), PARTITION, OFFSET, records);
        new RecordFactory(odd, style).append(change(odd, Event.INSERTED, "x"), PARTITION, OFFSET, records);

        assertThat(records)
                .extracting(record -> json(record.keySchema(), record.key()))
                .as("a deletion, its tombstone, and a key with such a column")
                .containsExactly(
                        "{\"schema\":\"public\",\"id\":7}",
                        "{\"schema\":\"public\",\"id\":7}",
                        "{\"_schema\":\"public\",\"schema\":\"x\"}");
        assertThat(json(records.get(0).valueSchema(), records.get(0).value())).contains("\"key\":{\"id\":7}");
        assertThat(((Struct) records.get(0).value()).getString("id")).isEqualTo("771.42.0");
    }

    @Test
    void fieldsCanHaveNamesThatAvroAllows() {
        RecordStyle style =
                new RecordStyle("shop", "shop", HeaderMode.NONE, false, false, FieldNames.AVRO, false, false);
        Column id = Tables.column("order-id", ColumnKind.INT64, "bigint");
        Column size = Tables.column("größe", ColumnKind.INT64, "bigint");
        WatchedTable odd = Tables.watched(TABLE, List.of(id), Tables.watcher(size));
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(odd, style).append(change(odd, Event.INSERTED, 7L, 8L), PARTITION, OFFSET, records);

        SourceRecord record = records.get(0);
        assertThat(json(record.keySchema(), record.key())).isEqualTo("{\"order_u002did\":7}");
        assertThat(json(record.valueSchema(), record.value()))
                .contains("\"key\":{\"order_u002did\":7},\"values\":{\"gr_u00f6_u00dfe\":8}");
    }

    @Test
    void eachWatcherGetsItsOwnExtraColumnsInItsOwnOrder() {
        WatchedTable watched =
                Tables.watched(TABLE, List.of(ID), Tables.watcher(EMAIL), Tables.watcher(AGE, EMAIL, ID));

        List<SourceRecord> records = records(watched, change(watched, Event.UPDATED, 7L, "a@b", 41));

        assertThat(records)
                .extracting(record -> json(record.valueSchema(), record.value()))
                .satisfiesExactly(
                        first -> assertThat(first).contains("\"values\":{\"email\":\"a@b\"}"),
                        second -> assertThat(second).contains("\"values\":{\"age\":41,\"email\":\"a@b\",\"id\":7}"));
    }

    @Test
    void aLabelIsInTheValueAndInTheNamesOfItsSchemas() {
        WatchedTable watched =
                Tables.watched(TABLE, List.of(ID), Tables.watcher("contact-updated", EnumSet.of(Event.UPDATED), EMAIL));

        SourceRecord record = only(watched, change(watched, Event.UPDATED, 7L, "a@b"));

        assertThat(record.topic()).isEqualTo("t.contact-updated");
        assertThat(record.valueSchema().name()).isEqualTo("shop.public.users.contact_updated.Change");
        assertThat(record.valueSchema().field("values").schema().name())
                .isEqualTo("shop.public.users.contact_updated.Values");
        assertThat(record.keySchema().name()).isEqualTo("shop.public.users.Key");
        assertThat(((Struct) record.value()).getString("label")).isEqualTo("contact-updated");
    }

    @Test
    void onlyTheWatchersThatAskForAnEventGetIt() {
        WatchedTable watched = Tables.watched(
                TABLE,
                List.of(ID),
                Tables.watcher("made", EnumSet.of(Event.INSERTED, Event.UPDATED)),
                Tables.watcher("gone", EnumSet.of(Event.DELETED)));

        assertThat(topics(watched, change(watched, Event.INSERTED, 7L))).containsExactly("t.made");
        assertThat(topics(watched, change(watched, Event.DELETED, 7L))).containsExactly("t.gone");
        assertThat(topics(watched, new Change(watched, Event.TRUNCATED, "1", 771, 0, null, false)))
                .isEmpty();
    }

    @Test
    void aResyncGoesToEveryWatcher() {
        WatchedTable watched = Tables.watched(
                TABLE,
                List.of(ID),
                Tables.watcher("made", EnumSet.of(Event.INSERTED)),
                Tables.watcher("gone", EnumSet.of(Event.DELETED), EMAIL));

        assertThat(topics(watched, new Change(watched, Event.RESYNC, "1", 0, 0, null, false)))
                .containsExactly("t.made", "t.gone");
    }

    /** Connect would take two that are equal for one, and consumers leave out what they have seen. */
    @Test
    void eachWatchersResyncHasAnIdOfItsOwn() {
        WatchedTable watched = Tables.watched(
                TABLE,
                List.of(ID),
                Tables.watcher(null, EnumSet.of(Event.INSERTED, Event.DELETED)),
                Tables.watcher(null, EnumSet.of(Event.UPDATED)));
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(watched, "")
                .append(new Change(watched, Event.RESYNC, "1.2.0", 0, 0, null, false), Map.of(), Map.of(), records);

        assertThat(records)
                .extracting(record -> ((Struct) record.value()).get("id"))
                .containsExactly("1.2.0", "1.2.0.2");
        assertThat(records).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(names = {"TRUNCATED", "RESYNC"})
    void whereThereIsNoRowThereIsNoKey(Event event) {
        WatchedTable watched = Tables.watched(TABLE, List.of(ID), Tables.watcher(EMAIL));

        SourceRecord record = only(watched, new Change(watched, event, "771.42.0", 771, 5, null, false));

        assertThat(record.key()).isNull();
        assertThat(record.keySchema()).isNull();
        assertThat(record.headers()).isEmpty();
        assertThat(json(record.valueSchema(), record.value()))
                .contains("\"event\":\"" + event + "\"", "\"key\":null,\"values\":null");
    }

    @Test
    void omittedExtraColumnsAreNamedInAHeader() {
        WatchedTable watched = Tables.watched(TABLE, List.of(ID), Tables.watcher(EMAIL));

        SourceRecord record = only(watched, withoutExtras(watched, 7L));

        assertThat(((Struct) record.value()).getStruct("values")).isNull();
        Header header = record.headers().lastWithName("ectowatch.extras.left.out");
        assertThat(header.value()).isEqualTo(true);
        assertThat(header.schema()).isEqualTo(Schema.BOOLEAN_SCHEMA);
    }

    @Test
    void aWatcherWithoutExtrasHasNoHeaderForOmittedOnes() {
        WatchedTable watched = Tables.watched(TABLE, List.of(ID), Tables.watcher(), Tables.watcher(EMAIL));

        List<SourceRecord> records = records(watched, withoutExtras(watched, 7L));

        assertThat(records.get(0).headers()).isEmpty();
        assertThat(records.get(1).headers()).hasSize(1);
    }

    /** Connect commits the offset of each record that Kafka has taken, whatever became of the others. */
    @Test
    void onlyTheLastRecordOfAChangeSaysThatTheChangeIsDone() {
        WatchedTable watched = Tables.watched(TABLE, List.of(ID), Tables.watcher(), Tables.watcher(), Tables.watcher());
        List<SourceRecord> records = new ArrayList<>();

        new RecordFactory(watched, "shop")
                .append(change(watched, Event.UPDATED, 7L), PARTITION, new CountedOffset(7), records);

        List<Long> offsets = records.stream()
                .map(record -> (Long) record.sourceOffset().get("lsn"))
                .toList();
        assertThat(offsets).containsExactly(6L, 6L, 7L);
    }

    private static final class CountedOffset extends AbstractMap<String, Object> implements ChangeOffset {

        private final long lsn;

        CountedOffset(long lsn) {
            this.lsn = lsn;
        }

        @Override
        public Map<String, Object> before() {
            return new CountedOffset(lsn - 1);
        }

        @Override
        public ChangeOffset since(ChangeOffset first) {
            return this;
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            return Map.<String, Object>of("lsn", lsn).entrySet();
        }
    }

    @Test
    void recordsAreAppendedToWhatIsThere() {
        List<SourceRecord> out = new ArrayList<>();
        RecordFactory factory = new RecordFactory(plain, "shop");

        factory.append(change(plain, Event.INSERTED, 1L), PARTITION, OFFSET, out);
        factory.append(change(plain, Event.INSERTED, 2L), PARTITION, OFFSET, out);

        assertThat(out)
                .extracting(record -> ((Struct) record.key()).getInt64("id"))
                .containsExactly(1L, 2L);
    }

    private static Change change(WatchedTable table, Event event, Object... values) {
        return new Change(table, event, "771.42.0", 771, 1_700_000_000_000L, values, false);
    }

    private static Change withoutExtras(WatchedTable table, Object... key) {
        return new Change(table, Event.UPDATED, "771.42.0", 771, 1_700_000_000_000L, key, true);
    }

    private static SourceRecord only(WatchedTable table, Change change) {
        List<SourceRecord> records = records(table, change);
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private static List<String> topics(WatchedTable table, Change change) {
        return records(table, change).stream().map(SourceRecord::topic).toList();
    }

    private static List<SourceRecord> records(WatchedTable table, Change change) {
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(table, "shop").append(change, PARTITION, OFFSET, records);
        records.forEach(record -> ConnectSchema.validateValue(record.valueSchema(), record.value()));
        return records;
    }

    private static String json(Schema schema, Object value) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", false), false);
            return new String(converter.fromConnectData("any", schema, value), StandardCharsets.UTF_8);
        }
    }
}
