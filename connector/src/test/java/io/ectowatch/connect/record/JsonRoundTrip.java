package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;

/** That a record is after a way through Connect's JsonConverter what it was before. */
final class JsonRoundTrip {

    private static final JsonConverter WITH_SCHEMAS = converter(true);

    private static final JsonConverter WITHOUT_SCHEMAS = converter(false);

    private JsonRoundTrip() {}

    private static JsonConverter converter(boolean schemas) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", schemas), false);
        return converter;
    }

    /** @param sample the value in question */
    static void assertSurvives(Schema schema, Struct struct, Object sample) {
        String beyondJson = beyondJson(sample);
        for (JsonConverter converter : List.of(WITH_SCHEMAS, WITHOUT_SCHEMAS)) {
            boolean withSchema = converter == WITH_SCHEMAS;
            byte[] json = converter.fromConnectData("any", schema, struct);
            SchemaAndValue read = converter.toConnectData("any", json);
            assertThat(read.schema()).isEqualTo(withSchema ? schema : null);
            if (beyondJson == null) {
                assertThat(read.value()).isEqualTo(withSchema ? struct : plain(struct));
            } else {
                assertThat(new String(json, StandardCharsets.UTF_8)).contains("\"v\":" + beyondJson);
            }
        }
    }

    /** How a number is written that JSON does not have, or that the converter does not read back as it wrote it. */
    private static String beyondJson(Object sample) {
        if (!(sample instanceof Float || sample instanceof Double)) {
            return null;
        }
        double number = ((Number) sample).doubleValue();
        if (!Double.isFinite(number)) {
            return "\"" + sample + "\"";
        }
        return sample.toString().equals("-0.0") ? "-0.0" : null;
    }

    /** A value as JSON without schemas has it. */
    private static Object plain(Object value) {
        if (value instanceof Struct struct) {
            Map<String, Object> fields = new HashMap<>();
            struct.schema().fields().forEach(field -> fields.put(field.name(), plain(struct.get(field))));
            return fields;
        }
        if (value instanceof Date moment) {
            return moment.getTime();
        }
        if (value instanceof byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }
        if (value instanceof Float || value instanceof Double) {
            return Double.valueOf(value.toString());
        }
        return value instanceof Number number ? Long.valueOf(number.longValue()) : value;
    }
}
