package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatcherFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows and records of tables whose watchers ask for more than extra columns. */
class FilteredRecordsTest {

    private static final TableName TABLE = new TableName("public", "comments");
    private static final Column ID = Tables.column("id", ColumnKind.INT64, "bigint");
    private static final Column POST = Tables.column("post_id", ColumnKind.INT64, "bigint");
    private static final Column BODY = Tables.column("body", ColumnKind.TEXT, "text");

    private static final WatcherFilter CHOOSY = new WatcherFilter(List.of(BODY), null, List.of(), false, false, false);
    private static final WatcherFilter BY_POST = new WatcherFilter(List.of(), null, List.of(POST), true, false, true);

    /** Rows: choice, id, post_id, previous post_id, changed, body, previous body. */
    private final WatchedTable table = Tables.watched(
            TABLE, List.of(ID), Tables.watcher("choosy", CHOOSY), Tables.watcher("posts", BY_POST, BODY));

    @Test
    void aRowSaysForWhomItIsAndWhatWasBefore() throws IOException {
        Row row = read("[3, 1, 8, 7, [\"body\"], \"new\", \"old\"]", EventCode.UPDATED);

        assertThat(row.choice()).isEqualTo(3);
        assertThat(row.values()).containsExactly(1L, 8L, "new");
        assertThat(row.before()).containsExactly(7L, "old");
        assertThat(row.changed()).containsExactly("body");
        assertThat(row.statement()).isZero();
    }

    @Test
    void aShortenedRowKeepsKeysAndChoice() throws IOException {
        Row row = read("[1, 1, 8, 7]", EventCode.UPDATED);

        assertThat(row.extrasLeftOut()).isTrue();
        assertThat(row.choice()).isOne();
        assertThat(row.values()).containsExactly(1L, 8L);
        assertThat(row.before()).containsExactly(7L);
    }

    @Test
    void theEntriesOfAChangedKeyBeginWithTheStatement() throws IOException {
        Row row = read("[1700000000000000, 2, 1, 8, null, null, \"b\", null]", EventCode.KEY_DELETED);

        assertThat(row.statement()).isEqualTo(1_700_000_000_000_000L);
        assertThat(row.values()).containsExactly(1L, 8L, "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ["x",1,8,7,[],"a","b"]   | instead of the watchers' number
                    [3,1,8,7,"body","a","b"] | the changed columns: expected an array of names
                    [3,1,8,7,[1],"a","b"]    | the changed columns: expected an array of names
                    [3,1,8,7,["a"            | the changed columns
                    [3,1,8,7,null,"a"]       | its row has 6 values instead of the 7 of the watched columns or the 4 of the key
                    [3,1,8,7,null,"a","b",1] | its row has more values than the 7 watched columns
                    """)
    void aRowThatDoesNotFitIsRefused(String json, String problem) {
        assertThatThrownBy(() -> read(json, EventCode.UPDATED))
                .isInstanceOf(MalformedRowException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aChangeGoesOnlyToThoseForWhomItIs() throws IOException {
        assertThat(records(Event.INSERTED, "[1,1,8,null,null,\"a\",null]"))
                .extracting(SourceRecord::topic)
                .containsExactly("t.choosy");
        assertThat(records(Event.INSERTED, "[2,1,8,null,null,\"a\",null]"))
                .extracting(SourceRecord::topic)
                .containsExactly("t.posts");
    }

    @Test
    void aTruncationAndAResyncAreForAllWatchers() {
        for (Event event : List.of(Event.TRUNCATED, Event.RESYNC)) {
            assertThat(records(new Change(table, event, "1", 1, 1, null)))
                    .extracting(SourceRecord::topic)
                    .containsExactly("t.choosy", "t.posts");
        }
    }

    @Test
    void fieldsAreAddedAtTheEndAndOnlyForThoseWhoAsk() throws IOException {
        List<SourceRecord> records = records(Event.INSERTED, "[3,1,8,null,null,\"a\",null]");

        List<String> plain = List.of("id", "event", "schema", "table", "label", "key", "values", "txid", "at");
        assertThat(names(records.get(0).valueSchema())).isEqualTo(plain);
        List<String> more = new ArrayList<>(plain);
        more.addAll(List.of("changed", "old"));
        assertThat(names(records.get(1).valueSchema())).isEqualTo(more);
        assertThat(((Struct) records.get(1).value()).get("changed")).isNull();
        assertThat(((Struct) records.get(1).value()).get("old")).isNull();
    }

    @Test
    void anUpdateOfTheKeyColumnsIsPublishedUnderTheFormerKeyFirst() throws IOException {
        List<SourceRecord> records = records(Event.UPDATED, "[2,1,8,7,[\"post_id\"],\"a\",\"a\"]");

        assertThat(records)
                .extracting(record -> record.key().toString())
                .containsExactly("Struct{post_id=7}", "Struct{post_id=8}");
        assertThat(records.get(0).headers().lastWithName("ectowatch.former.key").value())
                .isEqualTo(true);
        assertThat(records.get(1).headers()).isEmpty();
    }

    @Test
    void oneKeyIsOneRecord() throws IOException {
        assertThat(records(Event.UPDATED, "[2,1,7,7,[],\"a\",\"a\"]")).hasSize(1);
        assertThat(records(Event.DELETED, "[2,1,7,null,null,\"a\",null]")).hasSize(1);
    }

    private Row read(String json, EventCode code) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            return new RowReader(table).read(parser, code);
        }
    }

    private List<SourceRecord> records(Event event, String json) throws IOException {
        return records(new Change(table, event, "1.1.0", 1, 1, read(json, EventCode.UPDATED)));
    }

    private List<SourceRecord> records(Change change) {
        List<SourceRecord> records = new ArrayList<>();
        new RecordFactory(table, "ectowatch").append(change, Map.of(), Map.of(), records);
        records.forEach(record -> ConnectSchema.validateValue(record.valueSchema(), record.value()));
        return records;
    }

    private static List<String> names(Schema schema) {
        return schema.fields().stream().map(Field::name).toList();
    }
}
