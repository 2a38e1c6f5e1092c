package io.ectowatch.connect.record;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.catalog.ColumnKind;
import java.io.IOException;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/** The form of a column in a record: its Connect schema, and its value from the JSON that the trigger wrote. */
enum ColumnCodec {
    INT16(Schema.INT16_SCHEMA, Schema.OPTIONAL_INT16_SCHEMA, JsonToken.VALUE_NUMBER_INT, JsonParser::getShortValue),
    INT32(Schema.INT32_SCHEMA, Schema.OPTIONAL_INT32_SCHEMA, JsonToken.VALUE_NUMBER_INT, JsonParser::getIntValue),
    INT64(Schema.INT64_SCHEMA, Schema.OPTIONAL_INT64_SCHEMA, JsonToken.VALUE_NUMBER_INT, JsonParser::getLongValue),
    FLOAT32(
            Schema.FLOAT32_SCHEMA,
            Schema.OPTIONAL_FLOAT32_SCHEMA,
            JsonToken.VALUE_STRING,
            parser -> Float.intBitsToFloat((int) bits(parser, 8))),
    FLOAT64(
            Schema.FLOAT64_SCHEMA,
            Schema.OPTIONAL_FLOAT64_SCHEMA,
            JsonToken.VALUE_STRING,
            parser -> Double.longBitsToDouble(bits(parser, 16))),
    BOOLEAN(Schema.BOOLEAN_SCHEMA, Schema.OPTIONAL_BOOLEAN_SCHEMA, null, JsonParser::getBooleanValue),
    BYTES(
            Schema.BYTES_SCHEMA,
            Schema.OPTIONAL_BYTES_SCHEMA,
            JsonToken.VALUE_STRING,
            // Skips white space, and so the line breaks that PostgreSQL inserts.
            parser -> parser.getBinaryValue(Base64Variants.MIME_NO_LINEFEEDS)),
    STRING(Schema.STRING_SCHEMA, Schema.OPTIONAL_STRING_SCHEMA, JsonToken.VALUE_STRING, JsonParser::getText),
    /** A point in time, as a string in UTC with its zone. */
    MOMENT(Schema.STRING_SCHEMA, Schema.OPTIONAL_STRING_SCHEMA, JsonToken.VALUE_STRING, ColumnCodec::moment);

    private static final String BEFORE_CHRIST = " BC";

    private final Schema required;
    private final Schema optional;
    /** The only valid token; null if {@link #decoder} checks that itself. */
    private final @Nullable JsonToken expected;

    private final Decoder decoder;

    private interface Decoder {
        Object decode(JsonParser parser) throws IOException;
    }

    ColumnCodec(Schema required, Schema optional, @Nullable JsonToken expected, Decoder decoder) {
        this.required = required;
        this.optional = optional;
        this.expected = expected;
        this.decoder = decoder;
    }

    static ColumnCodec of(ColumnKind kind) {
        return switch (kind) {
            case INT16 -> INT16;
            case INT32 -> INT32;
            case INT64 -> INT64;
            case FLOAT32 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
            case BOOLEAN -> BOOLEAN;
            case BYTES -> BYTES;
            case DATE, TIMESTAMP, TEXT, TEXT_AS_PRINTED, TEXT_PINNED -> STRING;
            case TIMESTAMP_WITH_ZONE -> MOMENT;
        };
    }

    /** The schema of a column of the key. */
    Schema required() {
        return required;
    }

    /**
     * The schema of an extra column. It may be null even if the table's column is NOT NULL: a change may have to omit
     * it.
     */
    Schema optional() {
        return optional;
    }

    /** The value of the parser's current token, null for JSON null. */
    @Nullable
    Object decode(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (expected != null && token != expected) {
            throw new IOException("expected a JSON " + expected + ", found " + token);
        }
        return decoder.decode(parser);
    }

    /** The value of an integer column. */
    Object ofInteger(long value) throws IOException {
        Object integer =
                switch (this) {
                    case INT16 -> (short) value;
                    case INT32 -> (int) value;
                    case INT64 -> value;
                    default -> throw new IOException("found an unexpected integer");
                };
        if (((Number) integer).longValue() != value) {
            throw new IOException("the number is out of range");
        }
        return integer;
    }

    private static long bits(JsonParser parser, int digits) throws IOException {
        int length = parser.getTextLength();
        if (length != digits) {
            throw new IOException("expected " + digits + " hexadecimal digits, found " + length + " characters");
        }
        // Directly from the parser's buffer: no string per value.
        char[] text = parser.getTextCharacters();
        int start = parser.getTextOffset();
        long bits = 0;
        for (int i = start; i < start + digits; i++) {
            int digit = Character.digit(text[i], 16);
            if (digit < 0) {
                throw new IOException("expected a hexadecimal number");
            }
            bits = bits << 4 | digit;
        }
        return bits;
    }

    private static String moment(JsonParser parser) throws IOException {
        String text = parser.getText();
        if (text.endsWith("infinity")) {
            return text;
        }
        if (text.endsWith(BEFORE_CHRIST)) {
            return text.substring(0, text.length() - BEFORE_CHRIST.length()) + "Z" + BEFORE_CHRIST;
        }
        return text + "Z";
    }
}
