package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.record.RecordStyle;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** What the triggers let pass, measured in the server's encoding, may be too large for Kafka, where it is UTF-8 in JSON. */
class OversizedRecordsIT {

    private static final String[] SETTINGS = {
        "watchers=w", "watchers.w.table=notes", "watchers.w.extra.columns=note", "delivery.mode=durable"
    };

    @NewDatabase
    private TestDatabase database;

    private static final RecordStyle STYLE = new RecordStyle("", "shop", HeaderMode.CLOUDEVENTS, false);

    private final TaskMetrics metrics = new TaskMetrics();
    private final List<String> resyncs = new ArrayList<>();
    private final JsonConverter converter = new JsonConverter();
    /** The size of the record as it would be if nothing were left out. */
    private long whole;

    /** As many bytes as characters there; two for each Cyrillic letter, three for each numero sign in UTF-8. */
    @Test
    void aTextOfASingleByteEncodingThatIsTooLongInUtf8IsLeftOut() throws Exception {
        String sql = "INSERT INTO notes VALUES ('7', repeat(chr(232), 480000) || repeat(chr(185), 40000))";
        SourceRecord record = recordOf("WIN1251", sql, Map.of());
        assertThat(whole).as("too large for Kafka").isGreaterThan(1 << 20);
        assertThat(((Struct) record.key()).get("id")).isEqualTo("7");
        assertThat(((Struct) record.value()).get("event")).isEqualTo("inserted");
        assertThat(((Struct) record.value()).get("values")).isNull();
        assertThat(record.headers()
                        .lastWithName(RecordFactory.EXTRAS_LEFT_OUT_HEADER)
                        .value())
                .isEqualTo(true);
        assertThat(metrics.unreadableChanges()).isZero();
    }

    /** It is in the record's key and again in its value. */
    @Test
    void aKeyThatIsTooLargeAloneIsAResync() throws Exception {
        // Compressed, as it is stored, it is short enough for an index.
        String sql = "INSERT INTO notes VALUES (repeat('k', 200000), 'x')";
        SourceRecord record = recordOf("UTF8", sql, Map.of(RecordAssembler.MAX_REQUEST_SIZE, "300000"));
        assertThat(record.key()).isNull();
        assertThat(((Struct) record.value()).get("event")).isEqualTo("resync");
        assertThat(metrics.unreadableChanges()).isEqualTo(1);
    }

    /** The backfill that follows such a resync would read the same row again, and again. */
    @Test
    void aReadRowOfWhichNoRecordCanBeMadeAsksForNoFurtherBackfill() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            database.execute("CREATE TABLE notes (id text PRIMARY KEY, note text)");
            try (Watching watching = Watching.start(database, SETTINGS)) {
                database.execute("INSERT INTO notes VALUES ('7', 'x')");
                Change change = watching.takeOne();
                Change odd = new Change(change.table(), Event.READ, change.id(), 1, 1, new Object[] {7L, "x"}, false);
                List<SourceRecord> records = new ArrayList<>();
                maker(Map.of()).append(new Delivery(odd, Map.of(), Map.of()), records);
                assertThat(records).hasSize(1);
                assertThat(resyncs).isEmpty();
            }
        }
    }

    @Test
    void aProducerThatTakesMoreGetsMore() throws Exception {
        String sql = "INSERT INTO notes VALUES ('7', repeat(chr(232), 520000))";
        SourceRecord record = recordOf("WIN1251", sql, Map.of(RecordAssembler.MAX_REQUEST_SIZE, "4000000"));
        assertThat(((Struct) record.value()).getStruct("values").getString("note"))
                .hasSize(520_000);
    }

    private SourceRecord recordOf(String encoding, String sql, Map<String, String> props) throws Exception {
        converter.configure(Map.of("schemas.enable", true), false);
        try (TestDatabase encoded = TestDatabase.create(encoding)) {
            encoded.execute("CREATE TABLE notes (id text PRIMARY KEY, note text)");
            try (Watching watching = Watching.start(encoded, SETTINGS)) {
                encoded.execute(sql);
                Change change = watching.takeOne();
                List<SourceRecord> records = new ArrayList<>();
                maker(props).append(new Delivery(change, Map.of(), Map.of()), records);
                assertThat(records).hasSize(1);
                SourceRecord record = records.get(0);
                new RecordFactory(change.table(), STYLE).append(change, Map.of(), Map.of(), records);
                whole = size(records.get(1));
                assertThat(size(record)).isLessThan(RecordAssembler.maxBytes(props));
                return record;
            }
        }
    }

    private long size(SourceRecord record) {
        byte[] key = converter.fromConnectData("t", record.keySchema(), record.key());
        byte[] value = converter.fromConnectData("t", record.valueSchema(), record.value());
        return (key == null ? 0 : key.length) + value.length;
    }

    private RecordAssembler maker(Map<String, String> props) {
        return new RecordAssembler(
                new PerTable<>(table -> new RecordFactory(table, STYLE), List::of),
                metrics,
                RecordAssembler.maxBytes(props),
                table -> resyncs.add(table.shape().name().toString()));
    }

    /** As when a layout of an earlier configuration does not fit what the watchers ask for: no row stops the others. */
    @Test
    void aChangeOfWhichNoRecordCanBeMadeIsAResync() throws Exception {
        database.execute("CREATE TABLE notes (id text PRIMARY KEY, note text)");
        try (Watching watching = Watching.start(database, SETTINGS)) {
            database.execute("INSERT INTO notes VALUES ('7', 'x')");
            Change change = watching.takeOne();
            Change odd = new Change(change.table(), change.event(), change.id(), 1, 1, new Object[] {7L, "x"}, false);
            List<SourceRecord> records = new ArrayList<>();
            maker(Map.of()).append(new Delivery(odd, Map.of(), Map.of()), records);
            assertThat(records).singleElement().satisfies(record -> assertThat(((Struct) record.value()).get("event"))
                    .isEqualTo("resync"));
            assertThat(resyncs).containsExactly("public.notes");
        }
    }
}
