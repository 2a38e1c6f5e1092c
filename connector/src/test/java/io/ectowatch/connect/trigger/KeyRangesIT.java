package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;
import java.io.StringReader;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;

/** Statements with many rows whose keys follow each other, in durable delivery. */
class KeyRangesIT {

    @NewDatabase
    private TestDatabase database;

    private Items items;

    @BeforeEach
    void begin() {
        items = new Items(database);
    }

    @Test
    void theJournalHasTheirEnds() throws Exception {
        items.execute("CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int)");
        items.watch().close();
        items.execute("INSERT INTO items (n) SELECT g FROM generate_series(1, 25000) g");
        items.execute("UPDATE items SET n = n + 1");
        items.execute("DELETE FROM items");
        List<String> runs =
                List.of("{\"from\":1,\"to\":10000}", "{\"from\":10001,\"to\":20000}", "{\"from\":20001,\"to\":25000}");
        assertThat(items.bodies("i")).isEqualTo(runs);
        assertThat(items.bodies("u")).isEqualTo(runs);
        assertThat(items.bodies("d")).isEqualTo(runs);
        try (Watching watching = items.watch()) {
            watching.changes(75_000);
            List<String> all = new ArrayList<>(Items.published("inserted", 1, 25_000));
            all.addAll(Items.published("updated", 1, 25_000));
            all.addAll(Items.published("deleted", 1, 25_000));
            assertThat(watching.published()).isEqualTo(all);
        }
    }

    @Test
    void whatIsCopiedIsTakenForOneToo() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY)");
        try (Watching watching = items.watch();
                Connection connection = items.connect()) {
            String rows =
                    IntStream.rangeClosed(1, 12_000).mapToObj(id -> id + "\n").collect(Collectors.joining());
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY items FROM STDIN", new StringReader(rows));
            watching.changes(12_000);
            assertThat(watching.published()).isEqualTo(Items.published("inserted", 1, 12_000));
        }
        assertThat(items.bodies("i")).containsExactly("{\"from\":1,\"to\":10000}", "{\"from\":10001,\"to\":12000}");
    }

    @ParameterizedTest
    @CsvSource({
        "smallint, -32768",
        "smallint, 31268",
        "int, -700",
        "int, 2147482148",
        "oid, 4294965796",
        "bigint, -9223372036854775808",
        "bigint, 9223372036854774308"
    })
    void keysArePublishedUpToTheEndsOfTheirType(String type, long first) throws Exception {
        items.execute("CREATE TABLE items (id " + type + " PRIMARY KEY, n int)");
        try (Watching watching = items.watch()) {
            items.execute("INSERT INTO items SELECT (" + first + "::numeric + g)::text::" + type
                    + " FROM generate_series(0, 1499) g");
            items.execute("DELETE FROM items");
            watching.changes(3_000);
            List<String> all = new ArrayList<>(Items.published("inserted", first, first + 1_499));
            all.addAll(Items.published("deleted", first, first + 1_499));
            assertThat(watching.published()).isEqualTo(all);
        }
        assertThat(items.bodies("i")).hasSize(1).allMatch(body -> body.startsWith("{"));
    }

    @Test
    void keysFromOneEndOfTheirTypeToTheOtherFailNothing() throws Exception {
        items.execute("CREATE TABLE items (id bigint PRIMARY KEY)");
        try (Watching watching = items.watch()) {
            items.execute("INSERT INTO items SELECT g FROM generate_series(1, 1000) g"
                    + " UNION ALL VALUES (9223372036854775807), (-9223372036854775808)");
            items.execute(
                    "INSERT INTO items SELECT CASE g WHEN 1 THEN -9223372036854775807 ELSE 9223372036854775807 - g END"
                            + " FROM generate_series(1, 1000) g");
            watching.changes(2_002);
            assertThat(watching.published()).doesNotHaveDuplicates().noneMatch(change -> change.contains("resync"));
        }
    }

    @Test
    void whatComesBehindTheFirstThousandMayBeInAnyOrder() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY)");
        try (Watching watching = items.watch()) {
            items.execute(
                    "INSERT INTO items SELECT CASE WHEN g <= 1000 THEN g ELSE 4001 - g END FROM generate_series(1, 3000) g");
            watching.changes(3_000);
            assertThat(watching.published()).containsExactlyInAnyOrderElementsOf(Items.published("inserted", 1, 3_000));
        }
    }

    @Test
    void aTaskThatStoppedWithinARunGoesOnBehindWhatKafkaHas() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY)");
        items.watch().close();
        items.execute("INSERT INTO items SELECT g FROM generate_series(1, 12000) g");
        Map<String, ?> offset;
        try (Watching one = items.watch()) {
            one.changes(12_000);
            assertThat(one.published()).isEqualTo(Items.published("inserted", 1, 12_000));
        }
        try (Watching first = items.begin()) {
            assertThat(first.takeOne().values()).containsExactly(1);
            offset = first.lastOffset();
        }
        try (Watching rest = items.resume(offset)) {
            rest.changes(11_999);
            assertThat(rest.published()).isEqualTo(Items.published("inserted", 2, 12_000));
        }
    }

    @Test
    void aGapCostsNoMoreThanTheThousandInWhichItIs() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY, n int)");
        try (Watching watching = items.watch()) {
            items.execute("INSERT INTO items SELECT g FROM generate_series(1, 4002) g WHERE g <> 1700");
            List<String> published = new ArrayList<>(Items.published("inserted", 1, 4_002));
            published.remove(1_699);
            watching.changes(4_001);
            assertThat(watching.published()).isEqualTo(published);
        }
        assertThat(items.bodies("i")).hasSize(5).contains("{\"from\":1,\"to\":1000}", "{\"from\":2002,\"to\":3001}");
        assertThat(items.bodies("i")).endsWith("{\"from\":3002,\"to\":4001}", "[4002]");
        assertThat(items.bodies("i").get(1))
                .startsWith("[1001],")
                .contains("[1699],[1701]")
                .endsWith(",[2001]");
    }

    /** The triggers know by PostgreSQL's counters that nobody makes room for a key. */
    @Test
    void whereNothingIsCountedTheKeysAreLookedAtInParts() throws Exception {
        items.execute("CREATE TABLE items (id int PRIMARY KEY)");
        items.watch().close();
        items.execute("SET track_counts = off", "INSERT INTO items SELECT g FROM generate_series(1, 1500) g");
        assertThat(items.bodies("i"))
                .hasSize(2)
                .startsWith("{\"from\":1,\"to\":1000}")
                .last()
                .asString()
                .startsWith("[1001],[1002],");
    }
}
