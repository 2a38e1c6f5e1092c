package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.protocol.ChangeContext;
import java.util.List;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

/** Which changes of a row become one record, and what it contains. */
class CollapserTest {

    private final CollapsedHistory history = new CollapsedHistory();

    @Test
    void updatesOfARowAreOneRecordWithTheLastValuesAndTheFirstOldOnes() {
        history.update(1, 7, "a", "b");
        history.update(2, 7, "x", "y");
        history.update(1, 7, "b", "c");

        assertThat(history.published("always", false))
                .containsExactly("1 updated 2 y was x, 1", "2 updated 1 c was a, 2");
        assertThat(history.published("each", false))
                .containsExactly("0 updated 1 b was a, null", "1 updated 2 y was x, null", "2 updated 1 c was b, null");
        assertThat(history.collapsed())
                .as("one each for always and posts, at two calls")
                .isEqualTo(4);
    }

    @Test
    void aRecordOfSeveralChangesHasTheirNumberInAHeader() {
        history.update(1, 7, "a", "b");
        history.update(1, 7, "b", "c");
        history.update(2, 7, "x", "y");

        assertThat(history.records(false).stream()
                        .filter(record -> record.topic().equals("t.always"))
                        .map(record -> record.headers().lastWithName("ectowatch.count"))
                        .map(header -> header == null ? null : header.value()))
                .containsExactly("2", null);
    }

    @Test
    void theUpdatesThatFollowAnInsertionAreTakenIn() {
        history.insert(1, 7, "a");
        history.update(1, 7, "a", "b");
        history.update(1, 7, "b", "c");

        assertThat(history.published("always", false)).containsExactly("2 inserted 1 c was null, 3");
    }

    @Test
    void nothingIsCollapsedAcrossADeletionATruncationAResyncOrARowOfABackfill() {
        for (Event barrier : List.of(Event.DELETED, Event.TRUNCATED, Event.RESYNC, Event.READ)) {
            history.changes().clear();
            history.update(1, 7, "a", "b");
            boolean ofRow = barrier.hasRow();
            history.add(barrier, ofRow ? CollapsedHistory.row(1, 7, "b", null, null) : null);
            history.update(1, 7, "b", "c");

            assertThat(history.published("always", false))
                    .as(barrier.text())
                    .hasSize(3)
                    .first()
                    .isEqualTo("0 updated 1 b was a, 1");
        }
    }

    @Test
    void aDeletionThatAWatcherDoesNotPublishIsABarrierToo() {
        history.insert(1, 7, "a");
        history.add(Event.DELETED, new Row(new Object[] {1L, 7L, "a"}, false, 0, null, new Object[2], 0));
        history.update(1, 7, "b", "c");

        assertThat(history.published("always", false))
                .containsExactly("0 inserted 1 a was null, 1", "2 updated 1 c was b, 1");
    }

    @Test
    void anUpdateThatChangesTheRecordKeyHasRecordsOfItsOwn() {
        history.update(1, 7, "a", "b");
        history.add(
                Event.UPDATED,
                new Row(new Object[] {1L, 8L, "c"}, false, 15, List.of("post"), new Object[] {7L, "b"}, 0));
        history.update(1, 8, "c", "d");

        assertThat(history.published("always", false)).containsExactly("2 updated 1 d was a, 3");
        assertThat(history.published("posts", false))
                .containsExactly(
                        "0 updated 1 b was a, 1",
                        "1 updated 1 c was b, 1",
                        "1 updated 1 c was b, 1",
                        "2 updated 1 d was c, 1");
    }

    @Test
    void theHalvesOfAChangedPrimaryKeyAndRowsWithoutValuesAreNotCollapsed() {
        history.add(Event.INSERTED, new Row(new Object[] {1L, 7L, "a"}, false, 15, null, new Object[2], 42));
        history.update(1, 7, "a", "b");
        history.add(Event.UPDATED, new Row(new Object[] {1L, 7L}, true, 15, null, new Object[] {7L}, 0));
        history.update(1, 7, "b", "c");

        assertThat(history.published("always", false)).hasSize(4);
    }

    @Test
    void changesWithDifferentContextsAreNotCollapsed() {
        ChangeContext one = new ChangeContext("one", null, null, null, false);
        ChangeContext two = new ChangeContext("two", null, null, null, false);
        for (ChangeContext context : new ChangeContext[] {one, one, two, null}) {
            Row row = CollapsedHistory.row(1, 7, "b" + history.changes().size(), List.of("body"), "a");
            history.changes()
                    .add(new Change(
                            history.table(),
                            Event.UPDATED,
                            "" + history.changes().size(),
                            1,
                            1,
                            row,
                            null,
                            null,
                            context));
        }

        assertThat(history.published("always", false))
                .containsExactly("1 updated 1 b1 was a, 2", "2 updated 1 b2 was a, 1", "3 updated 1 b3 was a, 1");
    }

    @Test
    void aBacklogIsCollapsedOnlyWhileTheTaskIsBehind() {
        history.update(1, 7, "a", "b");
        history.update(1, 7, "b", "c");

        assertThat(history.published("backlog", false)).hasSize(2);
        assertThat(history.published("backlog", true)).containsExactly("1 updated 1 c was a, 2");
    }

    @Test
    void theChangedColumnsAreUnitedInTheTablesOrder() {
        history.add(
                Event.UPDATED,
                new Row(new Object[] {1L, 7L, "b"}, false, 15, List.of("body"), new Object[] {7L, "a"}, 0));
        history.add(
                Event.UPDATED,
                new Row(new Object[] {1L, 7L, "b"}, false, 15, List.of("post"), new Object[] {7L, "b"}, 0));

        Struct value = (Struct) history.records(false).stream()
                .filter(record -> record.topic().equals("t.always"))
                .findFirst()
                .orElseThrow()
                .value();
        assertThat(value.getArray("changed")).containsExactly("post", "body");
    }
}
