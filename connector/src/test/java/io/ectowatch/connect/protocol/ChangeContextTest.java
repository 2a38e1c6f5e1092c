package io.ectowatch.connect.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A traceparent is published only if a tracing library can read it. */
class ChangeContextTest {

    private static final String IDS = "-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @ParameterizedTest
    @ValueSource(strings = {"00" + IDS, "01" + IDS, "cc" + IDS + "-what-the-future-will-be-like.09"})
    void aValidTraceparentIsPublished(String text) throws IOException {
        assertThat(read(text)).isEqualTo(new ChangeContext(null, text, null, null, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "ff" + IDS,
                "00" + IDS + "-more",
                "00" + IDS + " ",
                "0x" + IDS,
                "01" + IDS + "more",
                "01" + IDS + "- with a space",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"
            })
    void aMalformedOneIsLeftOut(String text) throws IOException {
        assertThat(read(text)).isEqualTo(new ChangeContext(null, null, null, null, true));
    }

    private static ChangeContext read(String traceparent) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser("{\"traceparent\":\"" + traceparent + "\"}")) {
            parser.nextToken();
            return ChangeContext.read(parser.nextFieldName(), parser);
        }
    }
}
