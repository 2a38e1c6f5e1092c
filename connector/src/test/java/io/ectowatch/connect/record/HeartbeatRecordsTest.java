package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.HeaderMode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** A heartbeat's record names its connector, and what is resolved if that is known. */
class HeartbeatRecordsTest {

    @Test
    void theConnectorIsItsKeyAndWhatIsNotKnownIsNull() {
        SourceRecord record = record(HeaderMode.NONE, null);

        assertThat(record.topic()).isEqualTo("shop.heartbeat");
        assertThat(record.keySchema().name()).isEqualTo("my_shop.HeartbeatKey");
        assertThat(record.valueSchema().name()).isEqualTo("my_shop.Heartbeat");
        assertThat(json(record, record.keySchema(), record.key())).isEqualTo("{\"connector\":\"a/b\"}");
        assertThat(json(record, record.valueSchema(), record.value()))
                .isEqualTo("{\"connector\":\"a/b\",\"at\":2000,\"resolved\":null,\"resolved_lsn\":null}");
        assertThat(record.timestamp()).isEqualTo(2000);
        assertThat(record.headers()).isEmpty();
    }

    @Test
    void itSaysUpToWhereAllHasBeenDelivered() {
        SourceRecord record = record(HeaderMode.BASIC, new Heartbeat.Resolved(1000, 29023480));

        assertThat(json(record, record.valueSchema(), record.value()))
                .isEqualTo("{\"connector\":\"a/b\",\"at\":2000,\"resolved\":1000,\"resolved_lsn\":29023480}");
        assertThat(record.headers().lastWithName("ectowatch.event").value()).isEqualTo("heartbeat");
    }

    @Test
    void itIsACloudEvent() {
        SourceRecord record = record(HeaderMode.CLOUDEVENTS, null);

        assertThat(record.headers().lastWithName("ce_type").value()).isEqualTo("ectowatch.heartbeat");
        assertThat(record.headers().lastWithName("ce_source").value()).isEqualTo("ectowatch/a%2Fb");
        assertThat(record.headers().lastWithName("ce_time").value()).isEqualTo("1970-01-01T00:00:02Z");
    }

    private static SourceRecord record(HeaderMode headers, Heartbeat.Resolved resolved) {
        return new HeartbeatRecords("shop.heartbeat", new RecordStyle("my-shop", "a/b", headers, false))
                .of(new Heartbeat(2000, resolved, null, null));
    }

    private static String json(SourceRecord record, org.apache.kafka.connect.data.Schema schema, Object value) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false", "converter.type", "value"));
            return new String(converter.fromConnectData(record.topic(), schema, value), StandardCharsets.UTF_8);
        }
    }
}
