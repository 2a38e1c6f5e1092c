package io.ectowatch.connect.record;

import io.ectowatch.connect.config.HeaderMode;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;

/** Makes the records of a connector's heartbeats. Immutable. */
public final class HeartbeatRecords {

    private static final String EVENT = "heartbeat";

    private final String topic;
    private final RecordStyle style;
    private final Struct key;
    private final Schema value;

    public HeartbeatRecords(String topic, RecordStyle style) {
        this.topic = topic;
        this.style = style;
        Schema keySchema = SchemaBuilder.struct()
                .name(style.schemaName("HeartbeatKey"))
                .field("connector", Schema.STRING_SCHEMA)
                .build();
        key = new Struct(keySchema).put("connector", style.connector());
        value = SchemaBuilder.struct()
                .name(style.schemaName("Heartbeat"))
                .field("connector", Schema.STRING_SCHEMA)
                .field("at", Timestamp.SCHEMA)
                .field("resolved", Timestamp.builder().optional().build())
                .field("resolved_lsn", Schema.OPTIONAL_INT64_SCHEMA)
                .build();
    }

    /** The record of a heartbeat. */
    public SourceRecord of(Heartbeat heartbeat) {
        Struct struct = new Struct(value).put("connector", style.connector()).put("at", new Date(heartbeat.at()));
        Heartbeat.Resolved resolved = heartbeat.resolved();
        if (resolved != null) {
            struct.put("resolved", new Date(resolved.at())).put("resolved_lsn", resolved.lsn());
        }
        SourceRecord record = new SourceRecord(
                heartbeat.partition(),
                heartbeat.offset(),
                topic,
                null,
                key.schema(),
                key,
                value,
                struct,
                RecordFactory.timestamp(heartbeat.at(), System.currentTimeMillis()));
        addHeaders(record.headers(), heartbeat.at());
        return record;
    }

    private void addHeaders(Headers headers, long at) {
        if (style.headers() == HeaderMode.BASIC) {
            headers.addString("ectowatch.event", EVENT);
        } else if (style.headers() == HeaderMode.CLOUDEVENTS) {
            headers.addString("ce_specversion", "1.0")
                    .addString("ce_id", UUID.randomUUID().toString())
                    .addString("ce_source", "ectowatch/" + UriPath.segment(style.connector()))
                    .addString("ce_type", "ectowatch." + EVENT)
                    .addString("ce_time", Instant.ofEpochMilli(at).toString());
        }
    }
}
