package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.TransactionContext;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Where Kafka transactions end, so that they hold whole transactions of the database. */
class KafkaTransactionsTest {

    private static final Column ID = new Column("id", ColumnKind.INT64, "bigint", true, false);

    private static final WatchedTable TABLE = new WatchedTable(
            new TableShape(
                    1,
                    new TableName("public", "accounts"),
                    "postgres",
                    List.of(ID),
                    List.of(ID),
                    TableShape.Triggers.STATEMENT),
            List.of(new TableWatcher(Set.of(Event.UPDATED), List.of(), null, Map.of(Event.UPDATED, "accounts"))));

    private final TaskMetrics metrics = new TaskMetrics();
    private final List<Object> requests = new ArrayList<>();
    private long now;
    private final KafkaTransactions transactions = new KafkaTransactions(
            "shop",
            new TransactionContext() {
                @Override
                public void commitTransaction() {
                    requests.add("poll");
                }

                @Override
                public void commitTransaction(SourceRecord record) {
                    requests.add(record);
                }

                @Override
                public void abortTransaction() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void abortTransaction(SourceRecord record) {
                    throw new UnsupportedOperationException();
                }
            },
            metrics,
            60_000,
            () -> now);

    /** The transactions of the changes since the last end, and all before it. */
    private final List<Long> open = new ArrayList<>();

    private final List<Long> committed = new ArrayList<>();

    private static List<Delivery> deliveries(List<Long> ofChanges) {
        return ofChanges.stream()
                .map(id -> new Delivery(new Change(TABLE, Event.UPDATED, "1", id, 0, null), null, null))
                .toList();
    }

    private void poll(List<Long> ofChanges, int complete) {
        int end = transactions.endAmong(deliveries(ofChanges), complete);
        if (end >= 0) {
            committed.addAll(open);
            committed.addAll(ofChanges.subList(0, end));
            open.clear();
        }
        open.addAll(ofChanges.subList(Math.max(0, end), ofChanges.size()));
    }

    @Test
    void aTransactionEndsWhereTheLastCompleteCutEnds() {
        poll(List.of(1L, 2L, 1L, 3L), 3);

        assertThat(committed).containsExactly(1L, 2L, 1L);
        assertThat(metrics.splitTransactions()).isZero();
    }

    @Test
    void aPollWithoutACompleteCutEndsNoTransaction() {
        poll(List.of(1L, 2L), -1);
        poll(List.of(1L, 2L), 0);

        assertThat(committed).isEmpty();
    }

    @Test
    void anEndForWhichNoRecordIsLeftDoesNotMakeTheTransactionYounger() {
        poll(List.of(1L), -1);
        now += TimeUnit.SECONDS.toNanos(20);
        assertThat(transactions.endAmong(deliveries(List.of(1L, 2L)), 1)).isEqualTo(1);
        transactions.end(new ArrayList<>(List.of(new SourceRecord(null, null, "accounts", null, null))), 0);
        assertThat(requests).isEmpty();
        now += TimeUnit.SECONDS.toNanos(20);

        transactions.endAmong(deliveries(List.of(2L)), -1);

        assertThat(metrics.splitTransactions()).isOne();
    }

    @Test
    void anEmptyPollEndsTheTransactionIfTheCutHasEnded() {
        poll(List.of(1L, 2L), -1);
        poll(List.of(), 0);

        assertThat(committed).containsExactly(1L, 2L);
    }

    @RepeatedTest(20)
    void generatedCutsAreNeverSplitByPollsOfAnySize() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Long> changes = new ArrayList<>();
        Set<Integer> cutEnds = new HashSet<>(Set.of(0));
        long next = 1;
        while (changes.size() < 500) {
            int concurrent = 1 + random.nextInt(4);
            for (int i = random.nextInt(30); i >= 0; i--) {
                changes.add(next + random.nextInt(concurrent));
            }
            next += concurrent;
            cutEnds.add(changes.size());
        }
        for (int from = 0; from < changes.size(); ) {
            int to = Math.min(changes.size(), from + random.nextInt(25));
            int complete = to;
            while (complete >= from && !cutEnds.contains(complete)) {
                complete--;
            }
            poll(changes.subList(from, to), complete < from ? -1 : complete - from);
            assertThat(cutEnds).as("seed %d", seed).contains(committed.size());
            from = to;
        }
        assertThat(open).as("seed %d", seed).isEmpty();
        assertThat(committed).isEqualTo(changes);
        assertThat(metrics.splitTransactions()).isZero();
    }

    @Test
    void aTransactionThatIsTooLargeIsSplitAndCounted() {
        for (int i = 0; i < KafkaTransactions.MAX_RECORDS; i += 2_000) {
            assertThat(committed).isEmpty();
            poll(Collections.nCopies(2_000, 7L), -1);
        }

        assertThat(committed).hasSize(KafkaTransactions.MAX_RECORDS);
        assertThat(metrics.splitTransactions()).isOne();
    }

    @Test
    void aTransactionThatIsTooOldIsSplitWhetherThePollHasChangesOrNot() {
        poll(List.of(1L), -1);
        now += TimeUnit.SECONDS.toNanos(29);
        poll(List.of(1L), -1);
        assertThat(committed).isEmpty();
        now += TimeUnit.SECONDS.toNanos(1);
        poll(List.of(), -1);
        assertThat(committed).hasSize(2);
        poll(List.of(1L), -1);
        now += TimeUnit.SECONDS.toNanos(30);
        poll(List.of(1L), -1);

        assertThat(committed).hasSize(4);
        assertThat(metrics.splitTransactions()).isEqualTo(2);
    }

    @Test
    void aCutThatIsTooLargeIsSplitBetweenItsTransactions() {
        List<Long> changes = new ArrayList<>();
        for (long first = 1; changes.size() < 3 * KafkaTransactions.MAX_RECORDS; first += 2) {
            changes.addAll(List.of(first, first + 1, first, first + 1)); // two at once
        }
        for (int from = 0; from < changes.size(); from += 1_999) {
            poll(changes.subList(from, Math.min(changes.size(), from + 1_999)), -1);
            assertThat(tail(committed)).doesNotContainAnyElementsOf(open);
        }

        assertThat(metrics.splitTransactions()).isEqualTo(2);
    }

    private static List<Long> tail(List<Long> all) {
        return all.subList(Math.max(0, all.size() - 100), all.size());
    }

    @Test
    void theRecordThatEndsATransactionIsFoundAlsoIfATransformationHasChangedIt() {
        List<SourceRecord> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            records.add(new SourceRecord(Map.of(), Map.of(), "topic", null, null));
        }

        transactions.end(records, 2);
        Set<Object> named = new HashSet<>(requests);
        records.get(1).headers().addString("added", "by a transformation");

        assertThat(records.stream().map(named::contains)).containsExactly(false, true, false);
    }

    @Test
    void onlyDurableDeliveryDefinesWhereTransactionsEnd() {
        EctoWatchSourceConnector connector = new EctoWatchSourceConnector();

        assertThat(connector.canDefineTransactionBoundaries(Map.of()))
                .isEqualTo(ConnectorTransactionBoundaries.SUPPORTED);
        assertThat(connector.canDefineTransactionBoundaries(Map.of("delivery.mode", "notify")))
                .isEqualTo(ConnectorTransactionBoundaries.UNSUPPORTED);
    }

    @Test
    void aPollWithoutRecordsEndsTheTransactionWithThePoll() {
        transactions.end(new ArrayList<>(), 0);

        assertThat(requests).containsExactly("poll");
    }
}
