package io.ectowatch.benchmarks.control;

import java.util.Date;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.source.SourceRecord;

/** Records like those of EctoWatch, so that converters, producer and broker have the same cost for every control. */
final class ControlRecords {

    private static final String BACKFILL_HEADER = "ectowatch.backfill";
    /** As many digits as the hash of a row's key. */
    private static final String HASH = "%024x";

    private static final String BACKFILL = UUID.randomUUID().toString();

    private final ControlKey keys;
    private final Schema keySchema;
    private final Schema optionalKeySchema;
    private final Schema valueSchema;
    private final String topic;
    private final String table;
    private final boolean backfill;

    ControlRecords(Map<String, String> settings) {
        keys = ControlKey.of(settings.get("key"));
        keySchema = keys.schema().build();
        optionalKeySchema = keys.schema().optional().build();
        valueSchema = value(optionalKeySchema);
        topic = settings.get("topic");
        table = settings.get("table");
        backfill = Boolean.parseBoolean(settings.get("backfill"));
    }

    private static Schema value(Schema optionalKey) {
        return SchemaBuilder.struct()
                .name("control.Change")
                .field("id", Schema.STRING_SCHEMA)
                .field("event", Schema.STRING_SCHEMA)
                .field("schema", Schema.STRING_SCHEMA)
                .field("table", Schema.STRING_SCHEMA)
                .field("label", Schema.OPTIONAL_STRING_SCHEMA)
                .field("key", optionalKey)
                .field(
                        "values",
                        SchemaBuilder.struct().name("control.Values").optional().build())
                .field("txid", Schema.INT64_SCHEMA)
                .field("at", Timestamp.SCHEMA)
                .build();
    }

    SourceRecord inserted(long id) {
        return inserted(id, null, null);
    }

    /** The record of an inserted row, with its source partition and offset, which can be null. */
    SourceRecord inserted(long id, Map<String, ?> partition, Map<String, ?> offset) {
        Date at = new Date();
        Struct value = new Struct(valueSchema)
                .put("id", backfill ? BACKFILL + "." + HASH.formatted(id) : id + "." + at.getTime() * 1000 + ".0")
                .put("event", backfill ? "read" : "inserted")
                .put("schema", "public")
                .put("table", table)
                .put("key", keys.key(optionalKeySchema, id))
                .put("txid", id)
                .put("at", at);
        SourceRecord made = new SourceRecord(
                partition, offset, topic, null, keySchema, keys.key(keySchema, id), valueSchema, value, at.getTime());
        if (backfill) {
            made.headers().addString(BACKFILL_HEADER, BACKFILL);
        }
        return made;
    }
}
