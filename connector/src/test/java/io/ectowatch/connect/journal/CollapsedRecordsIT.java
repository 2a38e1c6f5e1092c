package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ectowatch.connect.record.Collapser;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Collapsed changes of a real journal, and a task that goes on after any of their records. */
class CollapsedRecordsIT {

    private static final String[] SETTINGS = {
        "watchers=w,v",
        "watchers.w.table=users",
        "watchers.w.label=w",
        "watchers.w.extra.columns=name",
        "watchers.w.old.values=true",
        "watchers.w.include.changed.columns=true",
        "watchers.w.collapse=always",
        "watchers.v.table=users",
        "watchers.v.label=v",
        "watchers.v.events=inserted,updated",
        "watchers.v.columns=name",
        "watchers.v.collapse=always"
    };

    @NewDatabase
    private TestDatabase database;

    @BeforeEach
    void changesWithoutATask() throws Exception {
        database.execute("CREATE TABLE users (id int PRIMARY KEY, name text, visits int)");
        Watching.start(database, SETTINGS).close();
        database.execute(
                "INSERT INTO users VALUES (1, 'a', 0), (2, 'b', 0)",
                "UPDATE users SET visits = 1 WHERE id = 2",
                "UPDATE users SET name = 'c', visits = 1 WHERE id = 1",
                "INSERT INTO users VALUES (3, 'x', 0)",
                "UPDATE users SET visits = visits + 1",
                "DELETE FROM users WHERE id = 2",
                "UPDATE users SET name = name || '!'",
                "INSERT INTO users VALUES (2, 'again', 0)",
                "UPDATE users SET name = 'last'",
                "INSERT INTO users VALUES (0, 'end', 0)");
    }

    @Test
    void changesOfARowAreOneRecordUpToADeletion() throws Exception {
        assertThat(received(null, true))
                .filteredOn(record -> record.topic().equals("ectowatch.w"))
                .extracting(CollapsedRecordsIT::described)
                .containsExactlyInAnyOrder(
                        "inserted 2 b x3",
                        "deleted 2 b x1",
                        "inserted 1 last x5",
                        "inserted 3 last x4",
                        "inserted 2 last x2",
                        "inserted 0 end x1");
    }

    @Test
    void aTaskThatGoesOnAfterARecordSkipsNothing() throws Exception {
        List<SourceRecord> each = received(null, false);
        List<SourceRecord> collapsed = received(null, true);
        assertThat(collapsed).hasSizeLessThan(each.size() / 2 + 1);
        for (int last = 0; last < collapsed.size(); last += 2) {
            Set<String> published = new HashSet<>();
            collapsed.subList(0, last + 1).forEach(record -> published.addAll(changes(record, each)));
            if (last < collapsed.size() - 1) {
                received(collapsed.get(last).sourceOffset(), true)
                        .forEach(record -> published.addAll(changes(record, each)));
            }
            assertThat(published)
                    .as("after record %d", last)
                    .containsExactlyInAnyOrderElementsOf(
                            each.stream().map(CollapsedRecordsIT::name).toList());
        }
    }

    @Test
    void aTaskIsBehindWhileAReadFindsMoreThanItReturnsAtOnce() throws Exception {
        database.execute("DO 'BEGIN FOR i IN 1..2100 LOOP UPDATE users SET visits = i WHERE id = 0; END LOOP; END'");
        try (Watching watching = Watching.begin(database, SETTINGS)) {
            List<Delivery> all = new ArrayList<>();
            await().until(() -> all.addAll(watching.source().poll(500, 50)));
            assertThat(watching.source().behind()).isTrue();

            await().until(() -> {
                all.addAll(watching.source().poll(500, 50));
                return all.size() > 2_100;
            });
            database.execute("UPDATE users SET name = 'quiet' WHERE id = 0");
            await().until(() -> !watching.source().poll(500, 50).isEmpty());
            assertThat(watching.source().behind()).isFalse();
        }
    }

    /** The changes for which a record stands: its own, and the ones before it of the same row in the same topic. */
    private static List<String> changes(SourceRecord record, List<SourceRecord> each) {
        List<String> ofRow = each.stream()
                .filter(other ->
                        other.topic().equals(record.topic()) && key(other).equals(key(record)))
                .map(CollapsedRecordsIT::name)
                .toList();
        int end = ofRow.indexOf(name(record)) + 1;
        return ofRow.subList(end - count(record), end);
    }

    private static String name(SourceRecord record) {
        return record.topic() + " " + ((Struct) record.value()).getString("id");
    }

    private static Object key(SourceRecord record) {
        return ((Struct) record.key()).get("id");
    }

    private static int count(SourceRecord record) {
        Header count = record.headers().lastWithName(RecordFactory.COUNT_HEADER);
        return count == null ? 1 : Integer.parseInt((String) count.value());
    }

    private static String described(SourceRecord record) {
        Struct value = (Struct) record.value();
        return value.getString("event") + " " + key(record) + " "
                + value.getStruct("values").get("name") + " x" + value.get("count");
    }

    /** All records after that offset, of one poll. */
    private List<SourceRecord> received(Map<String, ?> offset, boolean collapse) throws Exception {
        try (Watching watching = offset == null
                ? Watching.begin(database, SETTINGS)
                : Watching.resume(database, new HashMap<>(offset), SETTINGS)) {
            List<Delivery> deliveries = new ArrayList<>();
            await().until(() -> {
                deliveries.addAll(watching.source().poll(10_000, 50));
                return deliveries.stream()
                        .anyMatch(delivery -> delivery.change().values()[0].equals(0));
            });
            PerTable<RecordFactory> factories =
                    new PerTable<>(table -> new RecordFactory(table, "ectowatch"), List::of);
            List<SourceRecord> records = new ArrayList<>();
            List<Delivery> published = collapse
                    ? new Collapser(factories, count -> {})
                            .collapse(deliveries, watching.source().behind())
                    : deliveries;
            published.forEach(
                    delivery -> factories.of(delivery.change().table()).append(delivery, records));
            return records;
        }
    }
}
