package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.testkit.ReceivedRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What {@code BackfillLedgerIT} finds wrong with a history of records, and that it finds nothing wrong with a good one. */
class PublishedTableTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The backfills whose id begins with this have a condition. */
    private static final String CONDITIONAL = "some-";

    private int ids;

    /** The rows 1 and 2 have n = 0 at first; transaction 7 updates row 1, 8 inserts row 3, 9 deletes row 2. */
    private PublishedTable published(ReceivedRecord... records) {
        return follow(new PublishedTable("items", id -> !id.startsWith(CONDITIONAL), Map.of(1, 0, 2, 0)), records);
    }

    private static PublishedTable follow(PublishedTable table, ReceivedRecord... records) {
        for (ReceivedRecord record : records) {
            table.apply(record);
        }
        return table;
    }

    private static final Map<Integer, List<String>> LEDGER =
            Map.of(1, List.of("7 updated 1"), 2, List.of("9 deleted null"), 3, List.of("8 inserted 5"));

    private static final Map<Integer, Integer> ROWS = Map.of(1, 1, 3, 5);

    @Test
    void aBackfillAmongChangesAgrees() {
        published(
                        change(7, "updated", 1, 1),
                        read("b", 1, 1),
                        change(8, "inserted", 3, 5),
                        read("b", 2, 0),
                        change(9, "deleted", 2, null),
                        read("b", 3, 5),
                        backfilled("b", 3))
                .assertAgrees(LEDGER, ROWS);
    }

    @Test
    void aRowThatIsChangedBeforeItIsReadMayHaveNoReadAtAll() {
        published(
                        read("b", 1, 0),
                        change(9, "deleted", 2, null),
                        change(8, "inserted", 3, 5),
                        backfilled("b", 1),
                        change(7, "updated", 1, 1))
                .assertAgrees(LEDGER, ROWS);
    }

    @Test
    void aBackfillWithAConditionRemovesNothing() {
        published(
                        read("a", 1, 0),
                        read("a", 2, 0),
                        backfilled("a", 2),
                        read(CONDITIONAL + "b", 2, 0),
                        backfilled(CONDITIONAL + "b", 1))
                .assertAgrees(Map.of(), Map.of(1, 0, 2, 0));
    }

    @Test
    void aBackfillCorrectsACopyAfterChangesThatNobodyCaptured() {
        PublishedTable stock = follow(
                new PublishedTable("stock", id -> true, null),
                read("a", 1, 0),
                read("a", 2, 0),
                backfilled("a", 2),
                event("resync", null, null),
                read("b", 1, 9),
                backfilled("b", 1));
        stock.assertAgrees(null, Map.of(1, 9));
        assertThat(stock.resyncs()).isEqualTo(1);
    }

    @Test
    void aReadIdThatIsRepeatedIsFound() {
        ReceivedRecord read = read("b", 1, 0);
        assertFound("is new", read, read);
    }

    @Test
    void aChangeThatIsRepeatedIsFound() {
        ReceivedRecord change = change(7, "updated", 1, 1);
        assertFound("is new", change, change);
    }

    @Test
    void aReadThatWasDroppedIsFoundByTheCount() {
        assertFound("number of rows", read("b", 1, 0), backfilled("b", 2));
    }

    @Test
    void aRowThatWasNeverReadIsFoundEvenIfTheCountAgrees() {
        assertFound("no row was left out", read("b", 1, 0), backfilled("b", 1));
    }

    @Test
    void aBackfillOfNothingIsFoundIfThereAreRows() {
        assertFound("no row was left out", backfilled("b", 0));
    }

    @Test
    void aReadWithAValueFromBeforeAChangeIsFound() {
        assertFound("agrees with the records before it", change(7, "updated", 1, 1), read("b", 1, 0));
    }

    @Test
    void aReadWithAValueFromAfterAChangeIsFound() {
        assertFound("agrees with the records before it", read("b", 1, 1), change(7, "updated", 1, 1));
    }

    @Test
    void aReadOfARowAfterItsDeletionIsFound() {
        assertFound("agrees with the records before it", change(9, "deleted", 2, null), read("b", 2, 0));
    }

    @Test
    void aReadOfARowBeforeItsInsertionIsFound() {
        assertFound("agrees with the records before it", read("b", 3, 5), change(8, "inserted", 3, 5));
    }

    @Test
    void aReadAfterTheEndIsFound() {
        assertFound("has ended", read("b", 1, 0), read("b", 2, 0), backfilled("b", 2), read("b", 1, 0));
    }

    @Test
    void aReadAfterAnEarlyEndIsFound() {
        assertFound("has ended", stopped("b", "it was stopped by a call"), read("b", 1, 0));
    }

    @Test
    void aSecondEndIsFound() {
        assertFound("ends once", read("b", 1, 0), read("b", 2, 0), backfilled("b", 2), backfilled("b", 2));
    }

    @Test
    void aSecondEarlyEndIsFound() {
        assertFound("ends once", stopped("b", "it was stopped by a call"), stopped("b", "it was stopped by a call"));
    }

    @Test
    void anUnknownEventIsFound() {
        assertFound("unexpected", event("truncated", null, null));
    }

    @Test
    void changesOfAKeyInTheWrongOrderAreFound() {
        Map<Integer, List<String>> ledger = Map.of(1, List.of("7 updated 1", "8 updated 2"));
        published(change(7, "updated", 1, 1), change(8, "updated", 1, 2)).assertAgrees(ledger, Map.of(1, 2));
        assertDisagrees(
                "in order",
                table -> table.assertAgrees(ledger, Map.of(1, 1)),
                change(8, "updated", 1, 2),
                change(7, "updated", 1, 1));
    }

    @Test
    void aMissingChangeIsFoundEvenIfALaterOneHidesIt() {
        Map<Integer, List<String>> ledger = Map.of(1, List.of("7 updated 1", "8 updated 2"));
        assertDisagrees("in order", table -> table.assertAgrees(ledger, Map.of(1, 2)), change(8, "updated", 1, 2));
    }

    @Test
    void aMissingDeletionIsFound() {
        assertDisagrees(
                "in order",
                table -> table.assertAgrees(LEDGER, ROWS),
                change(7, "updated", 1, 1),
                change(8, "inserted", 3, 5));
    }

    @Test
    void aChangeThatNobodyMadeIsFound() {
        assertDisagrees("in order", table -> table.assertAgrees(Map.of(), Map.of(1, 1)), change(7, "updated", 1, 1));
    }

    @Test
    void aCopyThatWasNeverCorrectedIsFound() {
        PublishedTable stock = new PublishedTable("stock", id -> true, null);
        follow(stock, read("a", 1, 0), read("a", 2, 0), backfilled("a", 2), event("resync", null, null));
        assertThatThrownBy(() -> stock.assertAgrees(null, Map.of(1, 9)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the copy of stock");
    }

    @Test
    void aBackfillThatEndsForAnotherReasonIsFound() {
        assertDisagrees(
                "the end of backfill b",
                table -> table.assertAgrees(Map.of(), Map.of()),
                stopped("b", "The condition failed."));
    }

    private void assertFound(String what, ReceivedRecord... records) {
        assertThatThrownBy(() -> published(records))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(what);
    }

    private void assertDisagrees(String what, Consumer<PublishedTable> comparison, ReceivedRecord... records) {
        PublishedTable table = published(records);
        assertThatThrownBy(() -> comparison.accept(table))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(what);
    }

    private ReceivedRecord change(long txid, String event, int key, Integer n) {
        return record(event, key, n, txid, Map.of());
    }

    private ReceivedRecord read(String backfill, int key, int n) {
        return record("read", key, n, 0, Map.of("ectowatch.backfill", backfill));
    }

    private ReceivedRecord backfilled(String backfill, int count) {
        return event("backfilled", backfill, Map.of("ectowatch.backfill.count", String.valueOf(count)));
    }

    private ReceivedRecord stopped(String backfill, String reason) {
        return event("backfill_stopped", backfill, Map.of("ectowatch.backfill.reason", reason));
    }

    private ReceivedRecord event(String event, String backfill, Map<String, String> more) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (backfill != null) {
            headers.put("ectowatch.backfill", backfill);
            headers.putAll(more);
        }
        return record(event, null, null, 0, headers);
    }

    private ReceivedRecord record(String event, Integer key, Integer n, long txid, Map<String, String> headers) {
        ObjectNode value = JSON.createObjectNode();
        value.put("id", "id-" + ids++).put("event", event).put("txid", txid);
        if (n != null) {
            value.putObject("values").put("n", n);
        }
        return new ReceivedRecord(
                "items", key == null ? null : JSON.createObjectNode().put("id", key), value, headers, 0);
    }
}
