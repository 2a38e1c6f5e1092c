package io.ectowatch.connect.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.journal.JournalSource;
import io.ectowatch.connect.journal.read.BodyReader;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.record.RowReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a version of the connector has written to the database or to Connect, later versions read. Never change a sample or
 * an expected value here to make a test pass: read the old format too. {@code docs/formats.md} has the rules.
 */
class SavedFormatsTest {

    private static final JsonConverter CONNECT = new JsonConverter();

    @BeforeAll
    static void asConnectStoresOffsets() {
        CONNECT.configure(Map.of("schemas.enable", "false"), false);
    }

    @Test
    void journalRowsAreReadByTheLayoutOfTheirTime() throws Exception {
        List<String> read = new ArrayList<>();
        RowReader rows = null;
        for (String line : Saved.lines("journal-rows.txt")) {
            String[] words = line.split(" ", 2);
            if (words[0].equals("layout")) {
                Layout layout = Layout.parse(words[1]);
                rows = new RowReader(Saved.table(layout));
                read.add(layout.table() + " " + layout.watchers());
                continue;
            }
            try (BodyReader body = new BodyReader(new JsonFactory(), words[1], rows, EventCode.of(words[0]))) {
                while (body.next()) {
                    read.add(body.code() + " " + Saved.text(body.row()));
                }
            }
        }

        assertThat(read).containsExactlyElementsOf(EXPECTED_ROWS.lines().toList());
    }

    @Test
    void theContextBeforeTheChangesOfARowIsRead() throws Exception {
        Layout layout = Layout.parse("[\"public\",\"items\",1,\"id\",\"INT64\",\"bigint\"]");
        RowReader rows = new RowReader(Saved.table(layout));
        List<String> read = new ArrayList<>();
        for (String line : Saved.lines("journal-rows-context.txt")) {
            String[] words = line.split(" ", 2);
            try (BodyReader body = new BodyReader(new JsonFactory(), words[1], rows, EventCode.of(words[0]))) {
                while (body.next()) {
                    read.add(Saved.text(body.row()) + " " + body.context());
                }
            }
        }

        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        ChangeContext first = new ChangeContext("request \"7\"\nä", null, null, null, false);
        ChangeContext second = new ChangeContext("c", trace, null, null, false);
        ChangeContext fourth = new ChangeContext("c", null, null, null, true);
        ChangeContext nothing = new ChangeContext(null, null, null, null, true);
        assertThat(read)
                .containsExactly(
                        "[7] " + first,
                        "[8] " + first,
                        "[1] " + second,
                        "[2] " + second,
                        "[3] " + second,
                        "[7] statement 1795711187760637 " + new ChangeContext(null, null, "shop", "till 7", false),
                        "[8] " + fourth,
                        "[9] " + fourth,
                        "[10] " + fourth,
                        "[8] " + nothing,
                        "no row " + nothing);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"context\":7},[7]",
                "{\"other\":\"x\"},[7]",
                "{\"left_out\":false},[7]",
                "[7],{\"context\":\"in another place\"},[8]",
                "{\"context\":\"one\"},{\"context\":\"two\"},[7]"
            })
    void anotherObjectBeforeOrAmongTheChangesIsNoContext(String damaged) {
        Layout layout = Layout.parse("[\"public\",\"items\",1,\"id\",\"INT64\",\"bigint\"]");
        RowReader rows = new RowReader(Saved.table(layout));

        assertThatThrownBy(() -> {
                    try (BodyReader body = new BodyReader(new JsonFactory(), damaged, rows, EventCode.INSERTED)) {
                        while (body.next()) {
                            assertThat(body.context()).isNull();
                        }
                    }
                })
                .isInstanceOf(IOException.class);
    }

    /** Else every upgrade would replace the functions, and publish a resync of every table. */
    @Test
    void aLayoutKeepsItsName() throws Exception {
        for (String line : Saved.lines("layouts.txt")) {
            String[] words = line.split(" ", 2);
            assertThat(Layout.parse(words[1]).name()).as(line).isEqualTo(words[0]);
            assertThat(Layout.parse(words[1]).definition()).isEqualTo(words[1]);
        }
    }

    /** Where the order changes on purpose, this is the place that tells to add samples of the new one. */
    @Test
    void theFieldsHaveTheOrderOfTheLastSample() throws Exception {
        List<String> samples = Saved.lines("layouts.txt");
        Layout last = Layout.parse(samples.get(samples.size() - 1).split(" ", 2)[1]);
        Layout.Column id = new Layout.Column("id", "INT32", "integer");
        Layout.Column post = new Layout.Column("post_id", "INT32", "integer");
        Layout.Column body = new Layout.Column("body", "TEXT", "text");

        assertThat(EntryFields.of(true, List.of(id, post), List.of(post), true, List.of(body), List.of(body)))
                .isEqualTo(last.fields());
    }

    @Test
    void offsetsAreRead() throws Exception {
        List<JournalPosition> read = new ArrayList<>();
        for (String line : Saved.lines("offsets.txt")) {
            read.add(JournalPosition.fromOffset(offset(line)));
        }

        assertThat(read)
                .containsExactly(
                        new JournalPosition(
                                "7400000000000000000/00000001/16384",
                                XidSnapshot.parse("740:740:"),
                                XidSnapshot.parse("745:750:746,748"),
                                26214400,
                                747,
                                0,
                                1769860800000000L),
                        new JournalPosition(
                                "7400000000000000000/0000000A/16384/copy",
                                new XidSnapshot(3, 3, new long[0]),
                                new XidSnapshot(5000000000L, 5000000001L, new long[] {5000000000L}),
                                0x1_0000_0040L,
                                4999999999L,
                                Long.MAX_VALUE,
                                0));
        assertThat(read.get(1).isAfterRow()).isTrue();
    }

    @Test
    void anOffsetIsWrittenAsItWas() throws Exception {
        for (String line : Saved.lines("offsets.txt")) {
            assertThat(JournalPosition.fromOffset(offset(line)).toOffset()).isEqualTo(offset(line));
        }
    }

    /** Connect finds the offset by these bytes. */
    @Test
    void theSourcePartitionStaysTheSame() throws Exception {
        byte[] bytes = CONNECT.fromConnectData("offsets", null, List.of("shop", JournalSource.partition("shop")));

        assertThat(new String(bytes, StandardCharsets.UTF_8))
                .isEqualTo(Saved.lines("partition.txt").get(0));
    }

    @Test
    void markersAreRead() throws Exception {
        assertThat(Saved.lines("markers.txt").stream().map(Marker::parse))
                .extracting(marker -> marker.orElse(null))
                .containsExactly(
                        new Marker("", "", "", "", ""),
                        new Marker("shop", "", "", "", ""),
                        new Marker("shop", "public.items", "0a1b2c3d4e5f", "durable", "0123456789abcdef"),
                        new Marker(
                                "odd \"näme\" \\", "app.Odd \"table\"", "0a1b2c3d4e5f", "notify", "0123456789abcdef"),
                        null);
    }

    /** SQL compares the beginning. */
    @Test
    void markersOfTheSameConnectorBeginAlike() throws Exception {
        List<String> markers = Saved.lines("markers.txt");

        assertThat(markers.get(0)).startsWith(Marker.beginning(""));
        assertThat(markers.subList(1, 3)).allMatch(marker -> marker.startsWith(Marker.beginning("shop")));
        assertThat(markers.get(3)).startsWith(Marker.beginning("odd \"näme\" \\"));
    }

    /** Under another name the objects, and what is in them, would not be found. */
    @Test
    void objectsKeepTheirNames() throws Exception {
        assertThat(names(new ObjectNames("shop", "ectowatch"), new TableName("public", "users")))
                .containsExactlyElementsOf(Saved.lines("names.txt"));
        assertThat(names(
                        new ObjectNames("the.connector.of.the.shop", "Odd \"schema\""),
                        new TableName("app", "a table with a name as long as PostgreSQL permits, no longer!")))
                .containsExactlyElementsOf(Saved.lines("names-odd.txt"));
    }

    @Test
    void theValuesOfTheRingKeepTheirMeaning() {
        assertThat(RingBits.ASLEEP).isEqualTo(4);
        assertThat(LongStream.range(0, 8).map(RingBits::table)).containsExactly(0L, 1L, 2L, 3L, 0L, 1L, 2L, 3L);
        assertThat(RingBits.NO_TABLE).isEqualTo(3);
    }

    private static List<String> names(ObjectNames names, TableName table) {
        return List.of(
                names.channel(),
                names.journal(0),
                names.journal(18),
                names.layouts(),
                names.owner(),
                names.watched(),
                names.ring(),
                names.spare(),
                names.lease(),
                names.lost(),
                names.function(table, "insert"),
                names.condition(table, "watchers.contact"),
                names.trigger(table, "update", false),
                names.trigger(table, "update", true),
                names.appendFunction(),
                names.guardFunction(),
                names.fitFunction(),
                names.orderFunction(),
                names.bellKey(),
                ObjectNames.presenceKey(names.schema(), "connector"),
                ObjectNames.INSTALL_KEY);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> offset(String line) {
        return (Map<String, Object>) CONNECT.toConnectData("offsets", line.getBytes(StandardCharsets.UTF_8))
                .value();
    }

    private static final String EXPECTED_ROWS = """
            public.items []
            INSERTED [7]
            INSERTED [9223372036854775807]
            INSERTED [-2]
            INSERTED [5]
            KEY_DELETED [7] statement 1795711187760637
            KEY_INSERTED [8] statement 1795711187760637
            UPDATED [8]
            DELETED [8]
            INSERTED [24999]
            INSERTED [25000]
            INSERTED [25001]
            INSERTED [-1]
            INSERTED [0]
            INSERTED [5]
            TRUNCATED no row
            RESYNC no row
            public.things []
            INSERTED [00000000-0000-0000-0000-000000000001]
            INSERTED [11111111-2222-3333-4444-555555555555]
            INSERTED [99999999-2222-3333-4444-555555555555]
            public.Types []
            INSERTED [1, a"\\ü, -7, 9223372036854775807, 1.5, -0.1, true, [0, -1, 16], 2026-01-31, 2026-01-31T12:00:00.123456, 2026-01-31T10:00:00Z, 12345.60, 10.0.0.1, P1DT2H, {1,NULL,3}, sad, {"k": [1]}]
            INSERTED [2, nulls, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null]
            INSERTED [3, odd, null, null, NaN, -Infinity, null, null, infinity, 0044-03-15T00:00:00 BC, -infinity, NaN, null, null, null, null, null]
            INSERTED [4, large] shortened
            public.comments [watchers.posts, watchers.choosy]
            INSERTED [1, 7, old] watchers 3 before [null, null]
            UPDATED [1, 8, new] watchers 3 changed [post_id, body] before [7, old]
            UPDATED [1, 9, new] watchers 1 changed [post_id] before [8, new]
            KEY_DELETED [1, 9, new] watchers 3 before [null, null] statement 1795711187828823
            KEY_INSERTED [2, 9, new] watchers 3 before [null, null] statement 1795711187828823
            UPDATED [2, 9] shortened watchers 3 before [9]
            DELETED [2, 9] shortened watchers 3 before [null]
            """;
}
