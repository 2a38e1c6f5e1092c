package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaNameTest {

    @Test
    void plainNamesStayAsTheyAre() {
        assertThat(SchemaName.of("ectowatch", "public", "users", "Key")).isEqualTo("ectowatch.public.users.Key");
    }

    @ParameterizedTest
    @CsvSource({
        "order lines, order_lines",
        "order-lines, order_lines",
        "2024_orders, _2024_orders",
        "Größe, Gr__e",
        "a.b, a_b",
        "say \"hi\", say__hi_",
        "größe😀, gr__e_",
    })
    void whatAvroDoesNotTakeBecomesAnUnderscore(String table, String segment) {
        assertThat(SchemaName.of("p", "public", table, "Key")).isEqualTo("p.public." + segment + ".Key");
    }

    @Test
    void theDotsOfThePrefixSeparateSegments() {
        assertThat(SchemaName.of("my-shop.eu.1", "public", "users", "Key")).isEqualTo("my_shop.eu._1.public.users.Key");
    }

    @Test
    void aPrefixMayBeEmptyOrHaveEmptySegments() {
        assertThat(SchemaName.of("", "public", "users", "Key")).isEqualTo("public.users.Key");
        assertThat(SchemaName.of(".a..b.", "public", "users", "Key")).isEqualTo("a.b.public.users.Key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"users", "1", "", " ", "a.b", "..", "naïve", "表", "😀", "\"", "\\", "\n", "a-b", "$", "int"})
    void avroTakesEveryName(String name) {
        String fullName = SchemaName.of("shop." + name, name, name, name, "Change");
        String definition = """
                {"type": "record", "name": "%s", "fields": []}
                """.formatted(fullName);

        Schema parsed = new Schema.Parser(NameValidator.STRICT_VALIDATOR).parse(definition);

        assertThat(parsed.getFullName()).isEqualTo(fullName);
    }
}
