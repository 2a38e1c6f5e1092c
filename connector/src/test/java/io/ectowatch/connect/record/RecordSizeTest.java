package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.FieldNames;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.junit.jupiter.api.Test;

class RecordSizeTest {

    private static final Column ID = Tables.column("id", ColumnKind.TEXT, "text");
    private static final Column NOTE = Tables.column("note", ColumnKind.TEXT, "text");
    private static final Column DATA = Tables.column("data", ColumnKind.BYTES, "bytea");

    private static final String[] LETTERS = {"a", "\"", "\\", "\n", "\u0001", "é", "№", "€", "\uD83D\uDE00", "/"};

    private final JsonConverter converter = new JsonConverter();
    private final SimpleHeaderConverter headers = new SimpleHeaderConverter();

    @Test
    void aRecordIsNeverLargerAsJsonWithSchemasThanItIsReckoned() {
        converter.configure(Map.of("schemas.enable", true), false);
        WatchedTable table = Tables.watched(new TableName("public", "notes"), List.of(ID), Tables.watcher(NOTE, DATA));
        RecordFactory factory = new RecordFactory(
                table,
                new RecordStyle("prefix", "shop", HeaderMode.CLOUDEVENTS, true, true, FieldNames.EXACT, true, true));
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Object[] values = {text(random), text(random), new byte[random.nextInt(1000)]};
            Row row = new Row(values, false, 0, null, new Object[0], 0);
            Change change = new Change(table, Event.DELETED, "1.2.3", 1, 5, row, null, "FFFFFFFF/FFFFFFFF");
            List<SourceRecord> records = new ArrayList<>();
            factory.append(change, Map.of(), Map.of(), records);
            for (SourceRecord record : records) {
                long size = size(record);
                assertThat(RecordSize.of(record)).as("seed " + seed).isBetween(size, size + 6_000);
                assertThat(RecordSize.roughly(change)).as("seed " + seed).isGreaterThanOrEqualTo(size);
            }
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(2_000); i > 0; i--) {
            text.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return text.toString();
    }

    private long size(SourceRecord record) {
        long size = converter.fromConnectData("t", record.keySchema(), record.key()).length;
        if (record.value() != null) {
            size += converter.fromConnectData("t", record.valueSchema(), record.value()).length;
        }
        for (Header header : record.headers()) {
            size += header.key().length()
                    + headers.fromConnectHeader("t", header.key(), header.schema(), header.value()).length;
        }
        return size;
    }
}
