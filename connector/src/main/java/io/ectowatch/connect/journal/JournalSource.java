package io.ectowatch.connect.journal;

import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.install.Provisioner;
import io.ectowatch.connect.journal.offset.JournalOffset;
import io.ectowatch.connect.journal.offset.PolledBatch;
import io.ectowatch.connect.journal.offset.ReadPlace;
import io.ectowatch.connect.journal.read.BackfillStart;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.FencedException;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.record.ChangeSource;
import io.ectowatch.connect.record.Delivery;
import io.ectowatch.connect.record.Heartbeat;
import io.ectowatch.connect.watch.WatchedTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** The changes of {@code durable} delivery: what the triggers wrote to the journal, each with its offset. */
public final class JournalSource implements ChangeSource {

    private final PageQueue queue = new PageQueue();
    private final CommitProgress progress;
    private final Map<String, ?> partition;
    private final TaskMetrics metrics;
    private final JournalReader reader;
    private final RowChanges changes;
    private final PageChanges pages;
    private List<Delivery> rest = new ArrayList<>();
    private PolledBatch batch = new PolledBatch();
    /** The end of the last batch that had one. */
    private @Nullable JournalPosition lastEnd;
    /** Whether Kafka transactions hold whole transactions of the database; most polls then end a transaction of Kafka. */
    private boolean whole;

    /** The heartbeat of this poll. */
    private @Nullable Heartbeat heartbeat;

    /**
     * @param partition the source partition, see {@link #partition}
     * @param offset the offset that Connect has committed, or null to begin with everything in the journal
     * @param leaseMs how long the triggers keep writing while no task reads, in milliseconds
     * @param backfills when backfills are started without a call
     * @param heartbeatMs the time between two heartbeats in milliseconds, or 0
     * @throws ConnectException if the offset is not one of this connector
     */
    public JournalSource(
            Connections connections,
            Provisioner provisioner,
            TaskMetrics metrics,
            long leaseMs,
            Map<String, ?> partition,
            @Nullable Map<String, ?> offset,
            Set<Cause> backfills,
            long heartbeatMs) {
        this.partition = partition;
        this.metrics = metrics;
        AtomicReference<JournalPosition> committed = new AtomicReference<>();
        this.progress = new CommitProgress(committed, metrics.journal(), queue);
        StartPosition start = StartPosition.of(offset);
        this.reader = new JournalReader(
                connections,
                provisioner,
                queue,
                metrics,
                leaseMs,
                start.position(),
                committed,
                new BackfillStart(backfills, start.unfinished(), offset == null),
                heartbeatMs);
        this.changes = new RowChanges(reader, partition, start.since(), metrics);
        this.pages = new PageChanges(queue, changes, metrics);
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
        progress.polled();
        changes.logCounted();
        List<Delivery> deliveries = rest;
        JournalPage.Beat beat = progress.takeBeat();
        pages.take(deliveries, atMost, deliveries.isEmpty() && beat == null ? waitMs : 0);
        List<Delivery> later = deliveries.subList(Math.min(atMost, deliveries.size()), deliveries.size());
        rest = new ArrayList<>(later);
        later.clear();
        ConnectException failure = reader.failure();
        metrics.journal().fenced(failure instanceof FencedException);
        if (deliveries.isEmpty() && failure != null) {
            throw failure;
        }
        beginBatch(deliveries, beat);
        return deliveries;
    }

    private void beginBatch(List<Delivery> deliveries, JournalPage.@Nullable Beat beat) {
        batch = new PolledBatch(pages.takenBytes());
        heartbeat = null;
        JournalPosition before = lastEnd;
        if (beat != null && before != null) {
            // Its own position may be before that of other records: what was acknowledged would be read again.
            ReadPlace place = ReadPlace.of(before);
            JournalOffset offset = JournalOffset.ofRead(place, place);
            offset.belongsTo(batch);
            heartbeat = new Heartbeat(beat.at(), beat.resolved(), partition, offset);
        }
        for (Delivery delivery : deliveries) {
            JournalOffset.of(delivery).belongsTo(batch);
        }
        if (rest.isEmpty()) {
            // The last rows may have given no change, as those of tables that are not watched any more.
            JournalPosition passed = pages.takePassed();
            batch.end(passed == null && heartbeat != null ? before : passed);
            batch.beat(pages.takeFollowing());
        } else {
            batch.end(JournalOffset.of(deliveries.get(deliveries.size() - 1)).end());
        }
        lastEnd = batch.end() == null ? lastEnd : batch.end();
    }

    @Override
    public @Nullable Heartbeat heartbeat() {
        return heartbeat;
    }

    @Override
    public boolean behind() {
        return pages.behind() || !rest.isEmpty() || queue.bytes() > 0;
    }

    @Override
    public void keepTransactionsWhole() {
        pages.keepCutsWhole();
        whole = true;
    }

    @Override
    public int transactionsEnd() {
        return pages.transactionsEnd();
    }

    @Override
    public void handedOver(int records) {
        JournalPosition end = batch.end();
        if (end != null) {
            batch.owes(reader.resyncs().openBefore(end.backfills()));
        }
        progress.handedOver(batch, records);
    }

    @Override
    public void acknowledged(@Nullable Map<String, ?> offset) {
        progress.acknowledged(offset);
    }

    @Override
    public void transactional(boolean eachPoll) {
        queue.transactional(eachPoll || whole);
        progress.transactional(eachPoll);
    }

    @Override
    public void committed() {
        progress.committed();
    }

    @Override
    public void committedBetweenPolls(boolean eachPoll) {
        queue.transactional(eachPoll || whole);
        progress.committedBetweenPolls(eachPoll);
    }

    @Override
    public void resyncPublished(WatchedTable table) {
        reader.resyncs().add(table);
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
