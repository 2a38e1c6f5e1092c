package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SqlTextTest {

    @Test
    void aQuoteWithinANameIsDoubled() {
        assertThat(SqlText.identifier("a\"b")).isEqualTo("\"a\"\"b\"");
        assertThat(SqlText.identifier("s\"", "t")).isEqualTo("\"s\"\"\".\"t\"");
    }

    @Test
    void aNameThatPostgresCannotHoldIsRefused() {
        assertThatThrownBy(() -> SqlText.identifier("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SqlText.identifier("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SqlText.literal("a\0b")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLiteralWithABackslashMeansTheSameUnderEitherSetting() {
        assertThat(SqlText.literal("it's")).isEqualTo("'it''s'");
        assertThat(SqlText.literal("a\\'b")).isEqualTo(" E'a\\\\''b'");
    }

    @Test
    void aDollarTagWithinTheBodyIsAvoided() {
        assertThat(SqlText.dollarQuoted("x")).isEqualTo("$ectowatch$x$ectowatch$");
        assertThat(SqlText.dollarQuoted("a $ectowatch$ b")).isEqualTo("$ectowatch2$a $ectowatch$ b$ectowatch2$");
    }

    @Test
    void aShortNameIsItsPartsJoinedByDots() {
        assertThat(SqlText.name("shop", "public", "users", "insert")).isEqualTo("shop.public.users.insert");
    }

    @Test
    void partsWithDotsDoNotBecomeTheSameName() {
        assertThat(SqlText.name("a.b", "c")).isNotEqualTo(SqlText.name("a", "b.c"));
        assertThat(SqlText.name("a.b", "c")).isNotEqualTo(SqlText.name("a", "b", "c"));
    }

    @Test
    void aLongNameIsCutBetweenCharactersAndStaysDistinct() {
        String one = SqlText.name("ectowatch", "名".repeat(30) + "1");
        String two = SqlText.name("ectowatch", "名".repeat(30) + "2");
        assertThat(one.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(SqlText.NAME_BYTES);
        assertThat(one).startsWith("ectowatch.名").doesNotContain("\uFFFD").isNotEqualTo(two);
        assertThat(SqlText.name("x".repeat(62), "😀")).matches("x+~[0-9a-f]{8}");
    }

    @Test
    void aHashTellsApartHowTheTextIsDivided() {
        assertThat(SqlText.hash(12, "ab", "c")).hasSize(12).isNotEqualTo(SqlText.hash(12, "a", "bc"));
    }
}
