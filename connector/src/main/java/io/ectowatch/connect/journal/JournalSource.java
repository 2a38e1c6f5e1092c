package io.ectowatch.connect.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.journal.offset.AckTracker;
import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.offset.OffsetValidator;
import io.ectowatch.connect.journal.offset.PolledBatch;
import io.ectowatch.connect.journal.read.BodyReader;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.JournalRow;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RowReader;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The changes of {@code durable} delivery: what the triggers wrote to the journal, each with its offset. */
public final class JournalSource implements ChangeSource {

    private static final Logger log = LoggerFactory.getLogger(JournalSource.class);

    /**
     * One poll returns journal rows up to this size, and at least one: this limits how many large changes are handed
     * over at once.
     */
    private static final long POLL_BYTES = 4L << 20;

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private final PerTable<RowReader> rowReaders = new PerTable<>(RowReader::new, this::tablesInUse);
    private final PageQueue queue = new PageQueue();
    private final AckTracker acks = new AckTracker(System::nanoTime);
    private final AtomicReference<JournalPosition> committed = new AtomicReference<>();
    private final Map<String, ?> partition;
    private final TaskMetrics metrics;
    /** Only changes since this time are published of those that were in the journal at the start; 0 for all. */
    private final long since;

    private final JournalReader reader;
    private final Set<Integer> unreadableLayouts = new HashSet<>();
    private JournalPage page;
    private Iterator<JournalRow> rows = Collections.emptyIterator();
    /** The size of the rows of the current poll. */
    private long takenBytes;
    /** The position after the last row or announcement that was processed; null before the first. */
    private JournalPosition passed;

    private List<Delivery> rest = new ArrayList<>();
    private PolledBatch batch = new PolledBatch();

    /**
     * @param partition the source partition, see {@link #partition}
     * @param offset the offset that Connect has committed, or null to begin with everything in the journal
     * @param leaseMs how long the triggers keep writing while no task reads, in milliseconds
     * @throws ConnectException if the offset is not one of this connector
     */
    public JournalSource(
            Connections connections,
            Provisioner provisioner,
            TaskMetrics metrics,
            long leaseMs,
            Map<String, ?> partition,
            Map<String, ?> offset) {
        this.partition = partition;
        this.metrics = metrics;
        JournalPosition start = null;
        since = offset != null && OffsetValidator.asksForATime(offset) ? OffsetValidator.time(offset) : 0;
        if (offset != null && since == 0) {
            try {
                start = JournalPosition.fromOffset(offset);
            } catch (IllegalArgumentException e) {
                throw new ConnectException(
                        "The offset that Connect has stored for this connector is not valid: " + e.getMessage()
                                + ". Stop the connector, set its offset to {\"timestamp\": 1} and resume it. It then"
                                + " begins with everything in the journal.",
                        e);
            }
        }
        this.reader = new JournalReader(connections, provisioner, queue, metrics, leaseMs, start, committed);
    }

    /**
     * The one source partition of a connector. Connect finds an offset by the bytes of its partition as JSON. So the
     * fields need a fixed order, which {@code Map.of} does not have across JVMs.
     */
    public static Map<String, ?> partition(String connector) {
        return Collections.unmodifiableMap(
                new TreeMap<>(Map.of("connector", connector, "version", JournalPosition.VERSION)));
    }

    @Override
    public void start() {
        reader.start();
    }

    @Override
    public void awaitWatching(long atMostMs) {
        reader.awaitWatching(atMostMs);
    }

    @Override
    public List<Delivery> poll(int atMost, long waitMs) throws InterruptedException {
        acks.polled();
        committed.set(acks.certain());
        reportStall();
        List<Delivery> deliveries = rest;
        long wait = deliveries.isEmpty() ? waitMs : 0;
        takenBytes = 0;
        while (deliveries.size() < atMost && takenBytes < POLL_BYTES && takeMore(wait, deliveries)) {
            wait = 0;
        }
        rest = new ArrayList<>();
        if (deliveries.size() > atMost) {
            rest.addAll(deliveries.subList(atMost, deliveries.size()));
            deliveries.subList(atMost, deliveries.size()).clear();
        }
        if (deliveries.isEmpty() && reader.failure() != null) {
            throw reader.failure();
        }
        beginBatch(deliveries);
        return deliveries;
    }

    private void beginBatch(List<Delivery> deliveries) {
        batch = new PolledBatch();
        for (Delivery delivery : deliveries) {
            JournalOffset offset = (JournalOffset) delivery.offset();
            offset.belongsTo(batch);
        }
        if (rest.isEmpty()) {
            // The last rows may have given no change, as those of tables that are not watched any more.
            batch.end(passed);
            passed = null;
        } else {
            batch.end(((JournalOffset) deliveries.get(deliveries.size() - 1).offset()).end());
        }
    }

    private void reportStall() {
        acks.stalled()
                .ifPresent(stall -> log.warn(
                        "{}. Until then the journal cannot be emptied, and when it reaches journal.max.bytes it"
                                + " records no further changes. Check that the worker can write to Kafka and commits"
                                + " offsets.",
                        stall));
    }

    /**
     * Processes the next row of the page, or takes the next page. Not more at once, since the changes of a page need
     * many times its memory.
     *
     * @return false if there was nothing
     */
    private boolean takeMore(long waitMs, List<Delivery> deliveries) throws InterruptedException {
        if (rows.hasNext()) {
            int before = deliveries.size();
            JournalRow row = rows.next();
            takenBytes += row.length();
            takeApart(row, deliveries);
            if (deliveries.size() > before) {
                ((JournalOffset) deliveries.get(deliveries.size() - 1).offset()).endsRow();
            }
            metrics.changes(deliveries.size() - before);
            passed = new JournalPosition(
                    page.history(),
                    page.from(),
                    page.to(),
                    row.seq(),
                    row.transactionId(),
                    Long.MAX_VALUE,
                    page.losses());
            return true;
        }
        JournalPage next = queue.take(waitMs);
        if (next == null) {
            return false;
        }
        rows = next.rows().iterator();
        // Offsets live until Kafka has acknowledged their records, and do not need the rows.
        page = next.withoutRows();
        if (page.gap() != null) {
            announceGap(deliveries);
            passed = page.end();
        }
        return true;
    }

    private void announceGap(List<Delivery> deliveries) {
        log.warn("Changes may have been lost: {}. Resync records are published for all watchers.", page.gap());
        metrics.gap();
        List<WatchedTable> tables = reader.tables();
        for (int i = 0; i < tables.size(); i++) {
            Change resync = new Change(
                    tables.get(i), Event.RESYNC, UUID.randomUUID().toString(), 0, System.currentTimeMillis(), null);
            JournalOffset offset = new JournalOffset(
                    page,
                    page.skipSeq(),
                    page.skipTransaction(),
                    page.skipIndex(),
                    i < tables.size() - 1 ? page.lossesBefore() : page.losses());
            deliveries.add(new Delivery(resync, partition, offset));
        }
    }

    private void takeApart(JournalRow row, List<Delivery> deliveries) {
        if (since > 0 && page.from().equals(XidSnapshot.BEFORE_EVERYTHING) && row.at() < since) {
            return;
        }
        WatchedTable table = reader.layouts().get(row.layout());
        boolean begun = row.seq() == page.skipSeq() && row.transactionId() == page.skipTransaction();
        long takenBefore = begun ? page.skipIndex() : -1;
        if (table != null) {
            takeApart(row, table, takenBefore, deliveries);
        } else if (reader.isPassedOver(row.layout())) {
            log.debug("Skipped a journal row of a table that is not watched any more.");
        } else {
            ofUnknownTable(row, takenBefore, deliveries);
        }
    }

    /** Its layout is not registered, or is damaged: it can belong to any table. */
    private void ofUnknownTable(JournalRow row, long takenBefore, List<Delivery> deliveries) {
        List<WatchedTable> tables = reader.tables();
        for (int index = 0; index < tables.size(); index++) {
            if (index > takenBefore) {
                deliveries.add(unreadable(
                        row,
                        tables.get(index),
                        index,
                        "the layouts table has no layout with the number " + row.layout()));
            }
        }
    }

    private void takeApart(JournalRow row, WatchedTable table, long takenBefore, List<Delivery> deliveries) {
        RowReader values = rowReaders.of(table);
        String idPrefix = row.transactionId() + "." + row.seq() + ".";
        long index = 0;
        try (BodyReader body = body(row, values)) {
            EventCode code = body.code();
            while (body.next()) {
                if (index > takenBefore) {
                    Change change = new Change(
                            table, code.event(), idPrefix + index, row.transactionId(), row.at(), body.row());
                    deliveries.add(new Delivery(change, partition, offset(row, index)));
                }
                index++;
            }
        } catch (IOException | RuntimeException e) {
            if (index > takenBefore) {
                deliveries.add(unreadable(row, table, index, e.getMessage()));
            }
        }
    }

    private BodyReader body(JournalRow row, RowReader values) throws IOException {
        if (row.problem() != null) {
            throw new IOException(row.problem());
        }
        return new BodyReader(json, row.body(), values, EventCode.of(row.event()));
    }

    /**
     * For example because a column's type has changed and the triggers did not know yet, or a text is not valid
     * UTF-8. The task continues, since a retry would not help, and publishes a resync instead.
     */
    private Delivery unreadable(JournalRow row, WatchedTable table, long index, String reason) {
        if (unreadableLayouts.add(row.layout())) {
            log.error(
                    "A change of {} in the journal cannot be read. A resync record is published instead, also for any"
                            + " further ones (see the metric unreadable-changes-total). Reason: {}",
                    table.shape().name(),
                    reason);
        } else {
            log.debug("Another change of {} cannot be read: {}", table.shape().name(), reason);
        }
        metrics.unreadableChange();
        metrics.gap();
        reader.recheck();
        String id = row.transactionId() + "." + row.seq() + "." + index;
        Change resync = new Change(table, Event.RESYNC, id, row.transactionId(), row.at(), null);
        return new Delivery(resync, partition, offset(row, index));
    }

    private JournalOffset offset(JournalRow row, long index) {
        return new JournalOffset(page, row.seq(), row.transactionId(), index, page.losses());
    }

    @Override
    public void handedOver(int records) {
        if (batch.end() != null) {
            acks.handedOver(batch, records);
            committed.set(acks.certain());
        }
    }

    @Override
    public void acknowledged(Map<String, ?> offset) {
        if (offset instanceof JournalOffset ours) {
            acks.acknowledged(ours);
        }
    }

    @Override
    public void transactional(boolean eachPoll) {
        acks.transactional(eachPoll);
    }

    @Override
    public void committed() {
        acks.committed();
        committed.set(acks.certain());
    }

    @Override
    public void committedBetweenPolls(boolean eachPoll) {
        acks.committedBetweenPolls(eachPoll);
        committed.set(acks.certain());
    }

    @Override
    public Collection<WatchedTable> tablesInUse() {
        return reader.tablesInUse();
    }

    @Override
    public long queuedBytes() {
        return queue.bytes();
    }

    @Override
    public boolean settled() {
        return reader.settled();
    }

    @Override
    public void close() {
        reader.stop();
    }
}
