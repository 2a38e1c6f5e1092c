package io.ectowatch.connect.journal.offset;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.RecordFactory;
import io.ectowatch.connect.record.RecordStyle;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Connect reports of random polls, as its two kinds of worker do it, always ends with everything committed. */
class AckTrackerTest {

    private static final Column ID = new Column("id", ColumnKind.INT64, "bigint", true, false);
    private static final int RUNS = 300;

    private long now = 1;

    /** How a worker commits. */
    private enum Mode {
        /** At times of its own, while records are on their way. */
        ORDINARY,
        /** After each poll. */
        TRANSACTION_FOR_EACH_POLL,
        /** After some polls. */
        TRANSACTION_FOR_SOME_POLLS;

        boolean transactional() {
            return this != ORDINARY;
        }
    }

    /** A poll's part in the run. */
    private record Polled(PolledBatch batch, List<SourceRecord> records) {}

    @ParameterizedTest
    @EnumSource
    void whateverTheRecordsOfAPollAreTheLastOfThemIsCommittedInTheEndAndNoneTooEarly(Mode mode) {
        for (int run = 0; run < RUNS; run++) {
            long seed = mode.ordinal() * 1_000_003L + run;
            new Run(seed, mode).play();
        }
    }

    /** One task on one worker. Like Connect, it keeps the records that wait for a transaction in a map, by themselves. */
    private final class Run {

        private final String name;
        private final Random random;
        private final Mode mode;
        private final List<RecordFactory> factories = new ArrayList<>();
        private final List<WatchedTable> tables = new ArrayList<>();
        private final AckTracker acks = new AckTracker(() -> now);
        private final List<Polled> polls = new ArrayList<>();
        private final Map<SourceRecord, Boolean> committable = new LinkedHashMap<>();
        private final List<SourceRecord> onTheirWay = new ArrayList<>();
        /** Which of all records Kafka has, or nobody will ever send; by their offsets, which are all different. */
        private final Set<Object> through = Collections.newSetFromMap(new IdentityHashMap<>());

        /** And which of those a commit covers. */
        private final Set<Object> covered = Collections.newSetFromMap(new IdentityHashMap<>());

        private boolean transactionOpen;
        private long lsn;

        Run(long seed, Mode mode) {
            this.name = "seed " + seed;
            this.random = new Random(seed);
            this.mode = mode;
            for (int i = 0; i < 1 + random.nextInt(2); i++) {
                WatchedTable table = table("t" + i);
                tables.add(table);
                factories.add(new RecordFactory(
                        table,
                        new RecordStyle("", "shop", HeaderMode.values()[random.nextInt(3)], random.nextBoolean())));
            }
        }

        /** Watchers that share topics, and may ask for the same. */
        private WatchedTable table(String table) {
            TableShape shape = new TableShape(
                    1,
                    new TableName("public", table),
                    "postgres",
                    List.of(ID),
                    List.of(ID),
                    TableShape.Triggers.STATEMENT);
            List<TableWatcher> watchers = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                Set<Event> events = EnumSet.of(Event.values()[random.nextInt(4)], Event.values()[random.nextInt(4)]);
                events.remove(Event.RESYNC);
                if (events.isEmpty()) {
                    events.add(Event.TRUNCATED);
                }
                Map<Event, String> topics = new EnumMap<>(Event.class);
                for (Event event : Event.values()) {
                    topics.put(event, "t." + event);
                }
                watchers.add(new TableWatcher(events, List.of(), null, topics));
            }
            return new WatchedTable(shape, watchers);
        }

        void play() {
            boolean allDropped = random.nextInt(4) == 0;
            for (int i = 0; i < 30; i++) {
                poll(!allDropped && random.nextInt(4) == 0, allDropped, random.nextInt(4));
                if (mode == Mode.ORDINARY) {
                    take(random.nextInt(3));
                }
                if (mode == Mode.TRANSACTION_FOR_EACH_POLL || random.nextInt(3) == 0) {
                    commit();
                }
                checkThatNothingIsCertainTooEarly();
            }
            take(Integer.MAX_VALUE);
            for (int i = 0; i < 2; i++) {
                acks.polled(); // and nothing has come
                commit();
            }
            acks.polled();
            assertThat(acks.certain())
                    .as(name)
                    .isEqualTo(polls.get(polls.size() - 1).batch().end());
            now += AckTracker.STALLED_NS;
            assertThat(acks.stalled()).as(name).isEmpty();
        }

        private void poll(boolean allPass, boolean allDropped, int changes) {
            acks.polled();
            checkThatNothingIsCertainTooEarly();
            PolledBatch batch = new PolledBatch();
            List<SourceRecord> records = new ArrayList<>();
            JournalPosition page = new JournalPosition(
                    "h", new XidSnapshot(3, 3, new long[0]), new XidSnapshot(9, 9, new long[0]), 0, 0, 0, 0);
            boolean announcement = random.nextBoolean();
            for (int i = 0; i < changes; i++) {
                int table = random.nextInt(tables.size());
                Event event = allPass ? Event.RESYNC : Event.values()[random.nextInt(Event.values().length)];
                Object[] key = event.hasRow() ? new Object[] {(long) random.nextInt(2)} : null;
                JournalOffset offset =
                        announcement ? JournalOffset.ofAnnouncement(page, 0) : JournalOffset.ofChange(page, lsn, 5, i);
                offset.belongsTo(batch);
                factories
                        .get(table)
                        .append(
                                new Change(tables.get(table), event, "1.1." + i, 5, 0, key, false),
                                Map.of(),
                                offset,
                                records);
            }
            lsn++;
            batch.end(page.afterRow(lsn, 5));
            polls.add(new Polled(batch, records));
            acks.handedOver(batch, records.size());
            for (SourceRecord record : records) {
                boolean dropped = allDropped || !allPass && random.nextInt(3) == 0;
                if (!dropped && random.nextInt(10) == 0) {
                    retryAfterAPause();
                }
                send(record, dropped);
            }
        }

        /** Connect begins a transaction before it sends. If that fails it retries, but commits when the task is paused. */
        private void retryAfterAPause() {
            if (mode.transactional()) {
                transactionOpen = true;
                commit();
                checkThatNothingIsCertainTooEarly();
            }
        }

        private void send(SourceRecord record, boolean dropped) {
            if (!dropped) {
                transactionOpen = true;
            }
            if (mode.transactional()) {
                (dropped ? covered : through).add(record.sourceOffset());
                committable.put(record, !dropped);
            } else if (dropped) {
                through.add(record.sourceOffset());
                acknowledged(record);
                if (random.nextInt(4) == 0) {
                    acknowledged(record); // as when what is left of a poll is sent again
                }
            } else {
                onTheirWay.add(record);
            }
        }

        /** Kafka takes so many of what an ordinary worker has sent: those of one topic partition in order, others not. */
        private void take(int count) {
            for (int i = 0; i < count && !onTheirWay.isEmpty(); i++) {
                SourceRecord record = onTheirWay.remove(random.nextInt(onTheirWay.size()));
                through.add(record.sourceOffset());
                acknowledged(record);
            }
        }

        private void acknowledged(SourceRecord record) {
            acks.acknowledged((JournalOffset) record.sourceOffset());
        }

        private void commit() {
            if (!mode.transactional()) {
                Set<Object> before = Collections.newSetFromMap(new IdentityHashMap<>());
                before.addAll(through);
                take(random.nextInt(2)); // while the offsets are being written
                covered.addAll(before);
                acks.committed();
                return;
            }
            if (transactionOpen) {
                transactionOpen = false;
                covered.addAll(through);
                committable.forEach((record, sent) -> {
                    if (sent) {
                        acks.transactional(mode == Mode.TRANSACTION_FOR_EACH_POLL);
                    }
                    acknowledged(record);
                });
                committable.clear();
            }
            acks.committedBetweenPolls(mode == Mode.TRANSACTION_FOR_EACH_POLL);
        }

        private void checkThatNothingIsCertainTooEarly() {
            JournalPosition certain = acks.certain();
            for (Polled poll : polls) {
                if (certain != null && poll.batch().end().lsn() <= certain.lsn()) {
                    assertThat(poll.records()).as(name).allMatch(record -> covered.contains(record.sourceOffset()));
                }
            }
        }
    }

    /** Kafka may not have taken all of what it had in flight. */
    @Test
    void theLastCommitOfAnOrdinaryWorkerSettlesNothing() {
        AckTracker acks = new AckTracker(() -> now);
        PolledBatch batch = new PolledBatch();
        batch.end(new JournalPosition("h", XidSnapshot.BEFORE_EVERYTHING, XidSnapshot.BEFORE_EVERYTHING, 1, 1, 1, 0));
        acks.handedOver(batch, 1);
        acks.polled();
        acks.committedBetweenPolls(false);
        assertThat(acks.certain()).isNull();
    }

    @Test
    void recordsThatAreNotConfirmedForLongAreReportedWithTheirNumber() {
        AckTracker acks = new AckTracker(() -> now);
        PolledBatch batch = new PolledBatch();
        acks.handedOver(batch, 3);
        now += TimeUnit.MINUTES.toNanos(9);
        assertThat(acks.stalled()).isEmpty();
        now += TimeUnit.MINUTES.toNanos(1);
        assertThat(acks.stalled())
                .hasValueSatisfying(text ->
                        assertThat(text).contains("3 records of 1 polls").contains("10 minutes"));
        assertThat(acks.stalled()).as("not with every poll").isEmpty();
    }
}
