package io.ectowatch.connect.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkerTest {

    @Test
    void aMarkerIsReadAsItWasWritten() {
        Marker marker = new Marker("odd \"name\" \\ ü", "public.users", "abc", "durable", "123");
        assertThat(Marker.parse(marker.comment())).contains(marker);
    }

    @Test
    void theMarkersOfAConnectorBeginAlike() {
        String name = "odd \"name\",\"table\":\"\" ü";
        assertThat(new Marker(name, "t", "l", "d", "h").comment()).startsWith(Marker.beginning(name));
        assertThat(new Marker(name + "2", "t", "l", "d", "h").comment()).doesNotStartWith(Marker.beginning(name));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "a comment",
                "{}",
                "{\"connector\":\"shop\"}",
                "{\"ectowatch\":2,\"connector\":\"shop\",\"table\":\"t\",\"layout\":\"l\",\"hash\":\"h\"}",
                "{\"ectowatch\":{\"connector\":\"shop\"}}",
                "{\"ectowatch\":1"
            })
    void anyOtherCommentIsNotOurs(String comment) {
        assertThat(Marker.parse(comment)).isEmpty();
    }
}
