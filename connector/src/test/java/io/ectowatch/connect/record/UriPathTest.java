package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UriPathTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    users                       | users
                    2024-02-29T12:34:56.789123Z | 2024-02-29T12:34:56.789123Z
                    a b                         | a%20b
                    a/b#c?d%e"f                 | a%2Fb%23c%3Fd%25e%22f
                    größe                       | gr%C3%B6%C3%9Fe
                    🙂                          | %F0%9F%99%82
                    ``                          | ``
                    """)
    void whatHasAMeaningInAUriIsEncoded(String text, String segment) {
        assertThat(UriPath.segment(text)).isEqualTo(segment);
    }

    @Test
    void aLineBreakIsEncodedToo() {
        assertThat(UriPath.segment("a\nb\0")).isEqualTo("a%0Ab%00");
    }

    @Test
    void valuesOfOtherTypesAreWrittenAsText() {
        assertThat(UriPath.segment((Object) 7L)).isEqualTo("7");
        assertThat(UriPath.segment((Object) true)).isEqualTo("true");
        assertThat(UriPath.segment((Object) new byte[] {1, (byte) 0xAB})).isEqualTo("01ab");
    }
}
