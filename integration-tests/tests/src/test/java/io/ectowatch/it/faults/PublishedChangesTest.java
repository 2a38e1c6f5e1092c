package io.ectowatch.it.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ectowatch.it.faults.PublishedChanges.Difference;
import io.ectowatch.it.faults.WatchedTables.Content;
import io.ectowatch.testkit.ReceivedRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the comparison with the ledger notices. */
class PublishedChangesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The ledger: row 1 was inserted and updated. */
    private static final Content TABLE = new Content(
            Map.of(1, 5),
            Map.of(1, List.of(WatchedTables.line(10, "inserted", 4), WatchedTables.line(11, "updated", 5))),
            2);

    private final PublishedChanges published = new PublishedChanges();

    @Test
    void changesThatArriveInOrderAreNoDifference() {
        publish("a", 10, "inserted", 4);
        publish("b", 11, "updated", 5);

        assertThat(published.compare(TABLE)).returns(true, Difference::isEmpty).returns(0, Difference::duplicates);
    }

    @Test
    void aChangeWithoutARecordIsLost() {
        publish("a", 10, "inserted", 4);

        assertThat(published.compare(TABLE)).returns(1, Difference::losses).returns(1, Difference::wrongRows);
    }

    @Test
    void aRecordWithoutAChangeIsAPhantom() {
        publish("a", 10, "inserted", 4);
        publish("b", 11, "updated", 5);
        publish("c", 12, "deleted", null);

        assertThat(published.compare(TABLE)).returns(1, Difference::phantoms).returns(1, Difference::wrongRows);
    }

    @Test
    void anotherOrderIsADisorder() {
        publish("b", 11, "updated", 5);
        publish("a", 10, "inserted", 4);

        assertThat(published.compare(TABLE))
                .returns(0, Difference::losses)
                .returns(0, Difference::phantoms)
                .returns(1, Difference::disorders)
                .returns(1, Difference::wrongRows);
    }

    @Test
    void aRecordThatArrivesAgainIsADuplicateAndChangesTheCopy() {
        publish("a", 10, "inserted", 4);
        publish("b", 11, "updated", 5);
        publish("a", 10, "inserted", 4);

        assertThat(published.compare(TABLE))
                .returns(0, Difference::phantoms)
                .returns(1, Difference::duplicates)
                .returns(1, Difference::wrongRows);
    }

    @Test
    void aTruncationIsAChangeOfEachKey() {
        publish("a", 10, "inserted", 4);
        publish("b", 11, "truncated", null);

        assertThat(published.compare(TABLE))
                .returns(WatchedTables.KEYS, Difference::phantoms)
                .returns(1, Difference::losses);
    }

    @Test
    void aComparisonLooksOnlyAtWhatCameAfterTheOneBefore() {
        publish("a", 10, "inserted", 4);
        publish("b", 11, "updated", 5);
        published.compare(TABLE);

        assertThat(published.compare(new Content(Map.of(1, 5), Map.of(), 0)))
                .returns(true, Difference::isEmpty)
                .returns(0, Difference::records);
    }

    private void publish(String id, long txid, String event, Integer n) {
        ObjectNode value =
                JSON.createObjectNode().put("id", id).put("txid", txid).put("event", event);
        value.putObject("values").put("n", n);
        ObjectNode key =
                event.equals("truncated") ? null : JSON.createObjectNode().put("id", 1);
        published.apply(new ReceivedRecord("entries", key, value, Map.of(), 0));
    }
}
