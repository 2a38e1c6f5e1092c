package io.ectowatch.connect.record;

import io.ectowatch.connect.protocol.ChangeContext;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The maximum size of a converted record in bytes: as JSON in UTF-8 with schemas, the largest format of the usual
 * converters.
 */
public final class RecordSize {

    /** Kafka's overhead for a record. */
    private static final int RECORD = 200;

    private static final int RECORD_MEMORY = 600;
    private static final int SCHEMA = 160;
    private static final int FIELD = 24;
    private static final int NUMBER = 32;
    private static final int HEADER = 24;

    /**
     * A character of a key is in the record's key and its value, and percent-encoded in a header, where it takes nine
     * bytes.
     */
    private static final int CHARACTER = 24;

    /** A column is in the schemas of the key, the value and the previous values. */
    private static final int COLUMN = 1024;

    private RecordSize() {}

    /** What a transaction says about a change, each byte as an escape. */
    private static final int CONTEXT = 6 * (ChangeContext.CONTEXT_BYTES + ChangeContext.TRACEPARENT_BYTES + 512);

    /** A fast upper bound for each of a change's records, far too large if texts are long. */
    public static long roughly(Change change) {
        Row row = change.row();
        if (row == null) {
            return 0;
        }
        return (change.context() == null ? 0 : CONTEXT)
                + (1L + row.values().length + row.before().length) * COLUMN
                + CHARACTER * (characters(row.values()) + characters(row.before()));
    }

    /** The approximate memory that the records of a change need until they are committed, in bytes. */
    public static long memory(Change change) {
        Row row = change.row();
        return row == null ? RECORD_MEMORY : RECORD_MEMORY + 2 * (characters(row.values()) + characters(row.before()));
    }

    private static long characters(Object[] values) {
        long characters = 0;
        for (Object value : values) {
            if (value instanceof String text) {
                characters += text.length();
            } else if (value instanceof byte[] bytes) {
                characters += bytes.length;
            }
        }
        return characters;
    }

    /** An upper bound for that record. */
    public static long of(SourceRecord record) {
        long size = RECORD + part(record.keySchema(), record.key()) + part(record.valueSchema(), record.value());
        for (Header header : record.headers()) {
            size += HEADER + utf8(header.key()) + value(header.value());
        }
        return size;
    }

    private static long part(Schema schema, Object value) {
        return value == null ? 0 : FIELD + schema(schema) + value(value);
    }

    private static long schema(Schema schema) {
        long size = SCHEMA + (schema.name() == null ? 0 : utf8(schema.name()));
        if (schema.type() == Schema.Type.STRUCT) {
            for (Field field : schema.fields()) {
                size += FIELD + utf8(field.name()) + schema(field.schema());
            }
        } else if (schema.type() == Schema.Type.ARRAY) {
            size += schema(schema.valueSchema());
        }
        return size;
    }

    private static long value(Object value) {
        if (value instanceof String text) {
            return 2 + utf8(text);
        }
        if (value instanceof byte[] bytes) {
            return 6 + bytes.length * 4L / 3;
        }
        long size = NUMBER;
        if (value instanceof Struct struct) {
            for (Field field : struct.schema().fields()) {
                size += FIELD + utf8(field.name()) + value(struct.get(field));
            }
        } else if (value instanceof List<?> list) {
            for (Object element : list) {
                size += 1 + value(element);
            }
        }
        return size;
    }

    /** The size of a JSON string without its quotes. */
    static long utf8(String text) {
        long size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20) {
                size += "\b\t\n\f\r".indexOf(c) >= 0 ? 2 : 6;
            } else if (c < 0x80) {
                size += c == '"' || c == '\\' ? 2 : 1;
            } else {
                // Each half of a surrogate pair is written as an escape.
                size += Character.isSurrogate(c) ? 6 : c < 0x800 ? 2 : 3;
            }
        }
        return size;
    }
}
