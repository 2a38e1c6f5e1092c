package io.ectowatch.connect.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.protocol.Layout;
import io.ectowatch.connect.protocol.Saved;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** As {@code SavedFormatsTest}, for notifications: functions of an earlier version may still send them. */
class SavedPayloadsTest {

    private final NotifyLayouts layouts = new NotifyLayouts();
    private final PayloadReader reader = new PayloadReader(layouts, new RepeatedLog());

    @Test
    void notificationsAreRead() throws Exception {
        List<String> read = new ArrayList<>();
        List<WatchedTable> tables = new ArrayList<>();
        for (String line : Saved.lines("payloads.txt")) {
            if (line.startsWith("layout ")) {
                tables.add(Saved.table(Layout.parse(line.substring("layout ".length()))));
                layouts.update(tables, Map.of());
                continue;
            }
            List<Change> changes = new ArrayList<>();
            read.add(reader.read(line, changes).toString());
            changes.forEach(change -> read.add(text(change)));
        }

        assertThat(read).containsExactlyElementsOf(EXPECTED.lines().toList());
    }

    @Test
    void theContextBeforeTheChangesOfANotificationIsRead() throws Exception {
        layouts.update(
                List.of(Saved.table(Layout.parse("[\"public\",\"items\",1,\"id\",\"INT64\",\"bigint\"]"))), Map.of());
        List<Change> changes = new ArrayList<>();
        for (String line : Saved.lines("payloads-context.txt")) {
            assertThat(reader.read(line, changes)).isEqualTo(PayloadReader.Outcome.READ);
        }

        ChangeContext first = new ChangeContext(
                "request 7", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null, null, false);
        assertThat(changes)
                .extracting(Change::context)
                .containsExactly(
                        first,
                        first,
                        new ChangeContext(null, null, "shop", "till 7", false),
                        new ChangeContext(null, null, null, null, true));
    }

    @Test
    void aNotificationThatBelongsBeforeAnotherIsPutThere() throws Exception {
        TransactionOrder order = new TransactionOrder();
        Saved.lines("payloads-in-order.txt").forEach(order::add);

        assertThat(order.payloads())
                .extracting(payload -> payload.substring(payload.indexOf(",[[")))
                .containsExactly(",[[2]],1769860800000001]", ",[[1]]]", ",[[3]]]");
    }

    private static String text(Change change) {
        return change.table().shape().name() + " " + change.event()
                + (change.transactionId() == 0 ? "" : " " + change.id() + " " + change.at())
                + " " + Saved.text(change.row());
    }

    private static final String EXPECTED = """
            READ
            public.items inserted 771.1769860800000042.0 1769860800000 [7]
            public.items inserted 771.1769860800000042.1 1769860800000 [9223372036854775807]
            READ
            public.items updated 771.1769860800000043.350 1769860800000 [7]
            READ
            public.items deleted 772.1769860800000044.0 1769860800000 [7] statement 1769860800000044
            READ
            public.items inserted 772.1769860800000044.1 1769860800000 [8] statement 1769860800000044
            READ
            public.items deleted 773.1769860800000045.0 1769860800000 [8]
            READ
            public.items truncated 774.1769860800000047.0 1769860800000 no row
            GAP
            public.items resync no row
            GAP
            public.items resync no row
            READ
            public.comments updated 775.1769860800000049.0 1769860800000 [1, 8, new] watchers 3 changed [post_id, body] before [7, old]
            public.comments updated 775.1769860800000049.1 1769860800000 [2, 9] shortened watchers 3 before [9]
            """;
}
