package io.ectowatch.connect;

import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.params.Parameter;

/**
 * Tests of one delivery, or {@linkplain io.ectowatch.connect.testing.InBothDeliveries of both}, on a database of their own;
 * perhaps {@linkplain io.ectowatch.connect.testing.WithBothTriggers with row triggers, too}.
 */
abstract class EitherDelivery {

    @NewDatabase
    TestDatabase database;

    /** {@code notify} or {@code durable}, and perhaps another setting behind a blank. */
    @Parameter
    private String delivery;

    String delivery() {
        return delivery.split(" ")[0];
    }

    /** Starts watching and waits until all triggers are there. */
    Watching start(String... settings) throws Exception {
        return Watching.start(database, withDelivery(settings));
    }

    /** As {@link #start}, without the wait. */
    Watching begin(String... settings) {
        return Watching.begin(database, withDelivery(settings));
    }

    private String[] withDelivery(String... settings) {
        return Stream.concat(Arrays.stream(settings), Arrays.stream(("delivery.mode=" + delivery).split(" ")))
                .toArray(String[]::new);
    }

    /** The records so far, as {@code "topic {key}"}. */
    static List<String> published(Watching watching) {
        return records(watching).stream()
                .map(record -> record.topic() + " "
                        + (record.key() == null
                                ? "null"
                                : record.key().toString().replace("Struct", ""))
                        + (record.headers().lastWithName("ectowatch.former.key") == null ? "" : " former"))
                .toList();
    }

    static List<SourceRecord> records(Watching watching) {
        List<SourceRecord> records = new ArrayList<>();
        for (Change change : watching.received()) {
            new RecordFactory(change.table(), "ectowatch").append(change, Map.of(), Map.of(), records);
        }
        return records;
    }

    static Struct value(SourceRecord record) {
        return (Struct) record.value();
    }
}
