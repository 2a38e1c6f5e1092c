package io.ectowatch.benchmarks.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class ControlKeyTest {

    private static Struct key(String types) {
        SourceRecord made = new ControlRecords(Map.of("topic", "t", "table", "rows", "key", types)).inserted(123);
        assertThat(((Struct) made.value()).getStruct("key").get("id")).isEqualTo(((Struct) made.key()).get("id"));
        return (Struct) made.key();
    }

    @Test
    void theKeyHasTheTypeOfThePrimaryKey() {
        assertThat(key("bigint").get("id")).isEqualTo(123L);
        assertThat(key("uuid").getString("id")).matches("[0-9a-f-]{36}");
        assertThat(key("text").getString("id")).hasSize(20);
    }

    @Test
    void aKeyOfTwoColumnsHasBoth() {
        assertThat(key("integer,bigint").get("tenant")).isEqualTo(23);
        assertThat(key("integer,bigint").get("id")).isEqualTo(123L);
    }

    @Test
    void otherTypesAreRefused() {
        assertThatThrownBy(() -> ControlKey.of("money")).hasMessageContaining("money");
    }
}
