package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.ectowatch.connect.catalog.ColumnKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.data.ConnectSchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server really sends is the subject of {@code TypesIT}; this is about what it never should. */
class ColumnCodecTest {

    @ParameterizedTest
    @EnumSource(ColumnKind.class)
    void everyKindHasAPlainAndAnOptionalSchemaOfOneType(ColumnKind kind) {
        ColumnCodec codec = ColumnCodec.of(kind);

        assertThat(codec.required().isOptional()).isFalse();
        assertThat(codec.optional().isOptional()).isTrue();
        assertThat(codec.optional().type()).isEqualTo(codec.required().type());
    }

    @ParameterizedTest
    @EnumSource(ColumnKind.class)
    void nullIsNullInEveryKind(ColumnKind kind) throws IOException {
        assertThat(decode(kind, "null")).isNull();
    }

    @Test
    void aFloatKeepsEveryBit() throws IOException {
        assertThat(decode(ColumnKind.FLOAT64, "\"8000000000000000\"")).isEqualTo(-0.0d);
        assertThat(decode(ColumnKind.FLOAT64, "\"FFF0000000000000\"")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(decode(ColumnKind.FLOAT32, "\"7f7fffff\"")).isEqualTo(Float.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"\"", "\"3fb999999999999\"", "\"3fb999999999999a0\"", "\"3fb99999999999zz\"", "0.1", "true"})
    void whatIsNoFloatIsRefused(String json) {
        assertThatThrownBy(() -> decode(ColumnKind.FLOAT64, json)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"true\"", "1", "{}"})
    void whatIsNoBooleanIsRefused(String json) {
        assertThatThrownBy(() -> decode(ColumnKind.BOOLEAN, json)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"AA=\"", "\"A?==\"", "1"})
    void whatIsNoBase64IsRefused(String json) {
        assertThatThrownBy(() -> decode(ColumnKind.BYTES, json)).isInstanceOf(IOException.class);
    }

    @Test
    void bytesMayBeBrokenIntoLines() throws IOException {
        assertThat((byte[]) decode(ColumnKind.BYTES, "\"AAEC\\nAwQF\"")).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void aMomentSaysThatItIsUtcUnlessItIsInfinite() throws IOException {
        assertThat(decode(ColumnKind.TIMESTAMP_WITH_ZONE, "\"2024-02-29T12:34:56\""))
                .isEqualTo("2024-02-29T12:34:56Z");
        assertThat(decode(ColumnKind.TIMESTAMP_WITH_ZONE, "\"0044-03-15T00:00:00 BC\""))
                .isEqualTo("0044-03-15T00:00:00Z BC");
        assertThat(decode(ColumnKind.TIMESTAMP_WITH_ZONE, "\"infinity\"")).isEqualTo("infinity");
        assertThat(decode(ColumnKind.TIMESTAMP_WITH_ZONE, "\"-infinity\"")).isEqualTo("-infinity");
    }

    /** A parser over bytes is another class than one over characters; both have to do. */
    private static Object decode(ColumnKind kind, String json) throws IOException {
        Object fromText = decode(kind, new JsonFactory().createParser(json));
        Object fromBytes = decode(kind, new JsonFactory().createParser(json.getBytes(StandardCharsets.UTF_8)));
        assertThat(fromBytes).isEqualTo(fromText);
        return fromText;
    }

    private static Object decode(ColumnKind kind, JsonParser opened) throws IOException {
        try (JsonParser parser = opened) {
            parser.nextToken();
            ColumnCodec codec = ColumnCodec.of(kind);
            Object value = codec.decode(parser);
            ConnectSchema.validateValue(codec.optional(), value);
            return value;
        }
    }
}
