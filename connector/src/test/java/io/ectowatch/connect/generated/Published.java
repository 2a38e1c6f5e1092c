package io.ectowatch.connect.generated;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * A record that the connector has published.
 *
 * @param watcher its topic, which has the watcher's name
 * @param event such as {@code inserted}
 * @param key the changed row's primary key; null if there is no row
 * @param values the extra columns; null if there are none
 * @param text all of it
 */
record Published(String watcher, long transaction, String event, String key, String values, String text) {

    static List<Published> of(List<Change> changes) {
        List<Published> published = new ArrayList<>();
        for (Change change : changes) {
            List<SourceRecord> records = new ArrayList<>();
            new RecordFactory(change.table(), "ectowatch").append(change, Map.of(), Map.of(), records);
            records.forEach(record -> published.add(of(record)));
        }
        return published;
    }

    private static Published of(SourceRecord record) {
        Struct value = (Struct) record.value();
        String event = value.getString("event");
        String values = print(value.getStruct("values"));
        String text = text(
                event,
                print((Struct) record.key()),
                record.headers().lastWithName(RecordFactory.FORMER_KEY_HEADER) != null,
                value.getString("label"),
                values);
        if (record.headers().lastWithName(RecordFactory.EXTRAS_LEFT_OUT_HEADER) != null) {
            text += " shortened";
        }
        if (value.schema().field("changed") != null) {
            List<String> changed = value.getArray("changed");
            text += " changed " + (changed == null ? "null" : "[" + String.join(", ", changed) + "]");
        }
        if (value.schema().field("old") != null) {
            Struct old = value.getStruct("old");
            text += " old " + (old == null ? "null" : "{" + print(old) + "}");
        }
        return new Published(
                record.topic(), value.getInt64("txid"), event, print(value.getStruct("key")), values, text);
    }

    static String text(String event, String recordKey, boolean former, String label, String values) {
        return event + (former ? " under the former key {" : " {") + recordKey + "}"
                + (label == null ? "" : " " + label) + (values == null ? "" : " values {" + values + "}");
    }

    private static String print(Struct struct) {
        return struct == null
                ? null
                : struct.schema().fields().stream()
                        .map(field -> field.name() + "=" + Sort.print(struct.get(field)))
                        .collect(Collectors.joining(", "));
    }
}
