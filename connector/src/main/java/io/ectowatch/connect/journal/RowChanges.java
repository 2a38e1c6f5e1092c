package io.ectowatch.connect.journal;

import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.read.BodyReader;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.JournalRow;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.metrics.ResyncCause;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.BackfillRow;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.RowReader;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns journal rows into changes, each with its offset. A row that cannot be read gives a resync of its table. Not
 * thread-safe.
 */
final class RowChanges {

    private static final Logger log = LoggerFactory.getLogger(RowChanges.class);

    private final PerTable<RowReader> rowReaders;
    private final JournalReader reader;
    private final Map<String, ?> partition;
    private final long since;
    private boolean sinceReached;
    private final TaskMetrics metrics;
    private final RepeatedLog repeated = new RepeatedLog();
    private final Set<Integer> unreadableLayouts = new HashSet<>();
    private @Nullable String visibleAt;

    /**
     * @param reader knows the tables of the rows
     * @param since only changes since this time are published of those that were in the journal at the start; 0 for
     *     all
     */
    RowChanges(JournalReader reader, Map<String, ?> partition, long since, TaskMetrics metrics) {
        this.reader = reader;
        this.partition = partition;
        this.since = since;
        this.metrics = metrics;
        this.rowReaders = new PerTable<>(RowReader::new, reader::tablesInUse);
    }

    /**
     * Adds the changes of a row.
     *
     * @param page the beginning of the row's page
     */
    void add(JournalRow row, JournalPosition page, List<Delivery> deliveries) {
        if (since > 0 && !sinceReached && page.from().equals(XidSnapshot.BEFORE_EVERYTHING)) {
            if (row.at() < since) {
                return;
            }
            sinceReached = true; // The clock may have been set back: a copy needs all later changes of a row.
        }
        if (BackfillRow.LETTER.equals(row.event())) {
            return; // the reader has taken it
        }
        WatchedTable table = reader.layouts().get(row.layout());
        boolean begun = row.lsn() == page.lsn() && row.transactionId() == page.transaction();
        long takenBefore = begun ? page.index() : -1;
        if (table != null) {
            addOf(table, row, page, takenBefore, deliveries);
        } else if (reader.isPassedOver(row.layout())) {
            log.debug("Skipped a journal row of a table that is not watched any more.");
        } else {
            addOfUnknownTable(row, page, takenBefore, deliveries);
        }
    }

    /** The rows that follow are those of this page. */
    void begin(JournalPage page) {
        visibleAt = Lsn.text(page.visibleAt());
    }

    /** Adds a resync of each table. */
    void announce(JournalPage.Gap gap, List<Delivery> deliveries) {
        logLoss(gap.reason());
        List<WatchedTable> tables = reader.tables();
        for (int i = 0; i < tables.size(); i++) {
            Change resync = new Change(
                    tables.get(i),
                    Event.RESYNC,
                    UUID.randomUUID().toString(),
                    0,
                    System.currentTimeMillis(),
                    null,
                    null,
                    visibleAt);
            long announced = i < tables.size() - 1 ? gap.after().losses() : gap.losses();
            deliveries.add(new Delivery(resync, partition, JournalOffset.ofAnnouncement(gap.after(), announced)));
        }
    }

    /** The changes of what a backfill has read. */
    ReadRows of(JournalPage.Read page) {
        return new ReadRows(page, partition);
    }

    /** Its layout is not registered, or is damaged: it can belong to any table. */
    private void addOfUnknownTable(JournalRow row, JournalPosition page, long takenBefore, List<Delivery> deliveries) {
        List<WatchedTable> tables = reader.tables();
        for (int index = 0; index < tables.size(); index++) {
            if (index > takenBefore) {
                deliveries.add(unreadable(
                        row,
                        page,
                        tables.get(index),
                        index,
                        "the layouts table has no layout with the number " + row.layout()));
            }
        }
    }

    private void addOf(
            WatchedTable table, JournalRow row, JournalPosition page, long takenBefore, List<Delivery> deliveries) {
        RowReader values = rowReaders.of(table);
        String idPrefix = row.transactionId() + "." + row.lsn() + ".";
        long index = 0;
        try (BodyReader body = body(row, values)) {
            EventCode code = body.code();
            if (code == EventCode.RESYNC && takenBefore < 0) {
                metrics.gap(ResyncCause.TABLE);
                logResync(table);
            }
            while (body.next()) {
                if (index > takenBefore) {
                    Change change = new Change(
                            table,
                            code.event(),
                            idPrefix + index,
                            row.transactionId(),
                            row.at(),
                            body.row(),
                            null,
                            visibleAt,
                            body.context());
                    deliveries.add(new Delivery(change, partition, offset(page, row, index)));
                }
                index++;
            }
        } catch (IOException | RuntimeException e) {
            if (index > takenBefore) {
                deliveries.add(unreadable(row, page, table, index, e.getMessage()));
            }
        }
    }

    /** Counts and logs a resync of all tables. */
    private void logLoss(String reason) {
        metrics.gap(ResyncCause.LOSS);
        repeated.log(
                reason,
                more -> log.warn(
                        "Connector {}: Changes may have been lost: {}. Resync records are published for all watchers.{}",
                        partition.get("connector"),
                        reason,
                        more));
    }

    private void logResync(WatchedTable table) {
        repeated.log(
                "resync " + table.shape().name(),
                more -> log.info(
                        "Connector {}: a resync of {} is published: its triggers were changed, its rows were changed"
                                + " without them, or the order of changes is uncertain.{}",
                        partition.get("connector"),
                        table.shape().name(),
                        more));
    }

    /** Logs what was only counted. */
    void logCounted() {
        repeated.logCounted();
    }

    private BodyReader body(JournalRow row, RowReader values) throws IOException {
        String body = row.body();
        if (body == null) {
            throw new IOException(row.problem() == null ? "its body was not read" : row.problem());
        }
        return new BodyReader(RowReader.JSON, body, values, EventCode.of(row.event()));
    }

    /**
     * For example because a column's type has changed and the triggers did not know yet, or a text is not valid
     * UTF-8. The task continues, since a retry would not help, and publishes a resync instead.
     */
    private Delivery unreadable(
            JournalRow row, JournalPosition page, WatchedTable table, long index, @Nullable String reason) {
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
        metrics.gap(ResyncCause.UNREADABLE);
        reader.recheck();
        reader.resyncs().add(table);
        String id = row.transactionId() + "." + row.lsn() + "." + index;
        Change resync = new Change(table, Event.RESYNC, id, row.transactionId(), row.at(), null, null, visibleAt);
        return new Delivery(resync, partition, offset(page, row, index));
    }

    private static JournalOffset offset(JournalPosition page, JournalRow row, long index) {
        return JournalOffset.ofChange(page, row.lsn(), row.transactionId(), index);
    }
}
