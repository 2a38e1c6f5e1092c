package io.ectowatch.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldNamesTest {

    private static final String LETTERS = "au01f_- .😀ü\"";

    @ParameterizedTest
    @CsvSource({
        "id, id",
        "_Id_2, _Id_2",
        "order-id, order_u002did",
        "größe, gr_u00f6_u00dfe",
        "1st, _u0031st",
        "😀, _ud83d_ude00",
        "a_u002d, a_u005fu002d"
    })
    void everyCharacterThatAvroRejectsIsEscaped(String column, String field) {
        assertThat(FieldNames.AVRO.of(column)).isEqualTo(field);
        assertThat(FieldNames.EXACT.of(column)).isEqualTo(column);
    }

    @Test
    void differentColumnsGetDifferentNamesThatAvroAccepts() {
        Random random = new Random(7);
        int[] letters = LETTERS.codePoints().toArray();
        Set<String> columns = new HashSet<>();
        Set<String> fields = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            StringBuilder column = new StringBuilder();
            for (int length = random.nextInt(9); length >= 0; length--) {
                column.appendCodePoint(letters[random.nextInt(letters.length)]);
            }
            if (columns.add(column.toString())) {
                String field = FieldNames.AVRO.of(column.toString());
                assertThat(field).matches("[A-Za-z_][A-Za-z0-9_]*");
                assertThat(fields.add(field)).as(column + " as " + field).isTrue();
            }
        }
        String some = FieldNames.AVRO.of("1 größe");
        assertThat(Schema.createRecord(
                                "r", null, null, false, List.of(new Schema.Field(some, Schema.create(Schema.Type.INT))))
                        .getField(some))
                .isNotNull();
    }
}
