package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import io.ectowatch.connect.watch.WatcherFilter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.junit.jupiter.api.Test;

class ChangeHeadersTest {

    private static final TableName TABLE = new TableName("public", "users");
    private static final Column ID = Tables.column("id", ColumnKind.INT64, "bigint");
    private static final Column REGION = Tables.column("region", ColumnKind.TEXT, "text");
    private static final Column POST = Tables.column("post", ColumnKind.INT64, "bigint");

    private final WatchedTable plain = watched(TABLE, List.of(ID), named("tables"));

    @Test
    void basicOnesAreEventTableAndTransaction() {
        assertThat(headers(only(HeaderMode.BASIC, change(plain, Event.UPDATED, 7L))))
                .containsExactly(
                        entry("ectowatch.event", "updated"),
                        entry("ectowatch.table", "public.users"),
                        entry("ectowatch.txid", "771"));
    }

    @Test
    void aCloudEventHasTheAttributesOfTheSpecification() {
        assertThat(headers(only(HeaderMode.CLOUDEVENTS, change(plain, Event.UPDATED, 7L))))
                .containsExactly(
                        entry("ce_specversion", "1.0"),
                        entry("ce_id", "771.42.0"),
                        entry("ce_source", "ectowatch/shop/public.users"),
                        entry("ce_type", "ectowatch.updated"),
                        entry("ce_time", "2023-11-14T22:13:20Z"),
                        entry("ce_subject", "7"));
    }

    @Test
    void theTimeHasItsMilliseconds() {
        Change change = new Change(plain, Event.UPDATED, "1", 771, 1_700_000_000_007L, new Object[] {7L}, false);

        assertThat(headers(only(HeaderMode.CLOUDEVENTS, change))).containsEntry("ce_time", "2023-11-14T22:13:20.007Z");
    }

    @Test
    void whereThereIsNoRowThereIsNoSubject() {
        for (Event event : List.of(Event.TRUNCATED, Event.RESYNC)) {
            Change change = new Change(plain, event, "1", 0, 0, null, false);

            assertThat(headers(only(HeaderMode.CLOUDEVENTS, change)))
                    .containsEntry("ce_type", "ectowatch." + event)
                    .doesNotContainKey("ce_subject");
        }
    }

    @Test
    void theSubjectOfAKeyOfTwoColumnsCannotBeMistakenForAnother() {
        WatchedTable watched = watched(TABLE, List.of(REGION, ID), named("tables"));

        assertThat(headers(only(HeaderMode.CLOUDEVENTS, change(watched, Event.UPDATED, "a/b", 7L))))
                .containsEntry("ce_subject", "a%2Fb/7");
    }

    @Test
    void theSourceIsAUriReferenceWhateverTheNames() {
        WatchedTable watched = watched(new TableName("My Schema", "a/b#c"), List.of(ID), named("watchers.w"));
        RecordFactory factory = new RecordFactory(watched, style("my shop", HeaderMode.CLOUDEVENTS));

        assertThat(headers(records(factory, change(watched, Event.UPDATED, 7L)).get(0)))
                .containsEntry("ce_source", "ectowatch/my%20shop/My%20Schema.a%2Fb%23c#w");
    }

    /** To consumers of CloudEvents source and id together are one event. */
    @Test
    void eachRecordOfAChangeIsAnEventOfItsOwn() {
        TableWatcher byPost = new TableWatcher(
                "watchers.by-post",
                plain.watchers().get(0).events(),
                List.of(),
                null,
                plain.watchers().get(0).topics(),
                new WatcherFilter(List.of(), null, List.of(POST), false, false, false));
        WatchedTable watched = watched(TABLE, List.of(ID), named("tables"), named("watchers.contact"), byPost);
        Row row = new Row(new Object[] {7L, 2L}, false, 0, null, new Object[] {1L}, 0);
        Change change = new Change(watched, Event.UPDATED, "771.42.0", 771, 0, row);

        List<SourceRecord> records = records(new RecordFactory(watched, style("shop", HeaderMode.CLOUDEVENTS)), change);

        assertThat(records.stream()
                        .map(record -> headers(record).get("ce_source") + " "
                                + headers(record).get("ce_id"))
                        .toList())
                .containsExactly(
                        "ectowatch/shop/public.users 771.42.0",
                        "ectowatch/shop/public.users#contact 771.42.0",
                        "ectowatch/shop/public.users#by-post 771.42.0.former",
                        "ectowatch/shop/public.users#by-post 771.42.0");
    }

    @Test
    void allAreTextsThatConnectsDefaultConverterWritesAsTheyAre() throws IOException {
        SourceRecord record = only(HeaderMode.CLOUDEVENTS, change(plain, Event.UPDATED, 7L));

        assertThat(record.headers())
                .allSatisfy(header -> assertThat(header.schema()).isEqualTo(Schema.STRING_SCHEMA));
        try (HeaderConverter simple = new SimpleHeaderConverter()) {
            simple.configure(Map.of());
            assertThat(written(record, simple))
                    .containsEntry("ce_specversion", "1.0")
                    .containsEntry("ce_time", "2023-11-14T22:13:20Z")
                    .containsEntry("ce_subject", "7");
        }
    }

    /** Why the documentation warns of it. */
    @Test
    void theJsonConverterWouldPutThemIntoQuotes() {
        SourceRecord record = only(HeaderMode.CLOUDEVENTS, change(plain, Event.UPDATED, 7L));

        try (JsonConverter json = new JsonConverter()) {
            json.configure(Map.of("schemas.enable", false, "converter.type", "header"));
            assertThat(written(record, json)).containsEntry("ce_specversion", "\"1.0\"");
        }
    }

    private static Map<String, String> written(SourceRecord record, HeaderConverter converter) {
        Map<String, String> written = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            byte[] bytes = converter.fromConnectHeader(record.topic(), header.key(), header.schema(), header.value());
            written.put(header.key(), new String(bytes, StandardCharsets.UTF_8));
        }
        return written;
    }

    private static WatchedTable watched(TableName table, List<Column> key, TableWatcher... watchers) {
        return Tables.watched(table, key, watchers);
    }

    private static TableWatcher named(String name) {
        TableWatcher any = Tables.watcher();
        return new TableWatcher(name, any.events(), List.of(), null, any.topics(), any.filter());
    }

    private static RecordStyle style(String connector, HeaderMode headers) {
        return new RecordStyle("shop", connector, headers, false);
    }

    private static Change change(WatchedTable table, Event event, Object... values) {
        return new Change(table, event, "771.42.0", 771, 1_700_000_000_000L, values, false);
    }

    private static SourceRecord only(HeaderMode headers, Change change) {
        List<SourceRecord> records = records(new RecordFactory(change.table(), style("shop", headers)), change);
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private static List<SourceRecord> records(RecordFactory factory, Change change) {
        List<SourceRecord> records = new ArrayList<>();
        factory.append(change, Map.of(), Map.of(), records);
        return records;
    }

    private static Map<String, Object> headers(SourceRecord record) {
        Map<String, Object> headers = new LinkedHashMap<>();
        record.headers().forEach(header -> headers.put(header.key(), header.value()));
        return headers;
    }
}
