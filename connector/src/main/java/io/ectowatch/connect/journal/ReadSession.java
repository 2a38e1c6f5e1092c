package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.drift.DriftMonitor;
import io.ectowatch.connect.install.drift.DriftReport;
import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.read.Heartbeats;
import io.ectowatch.connect.journal.read.JournalFetcher;
import io.ectowatch.connect.journal.read.KnownLayouts;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.journal.wake.ReadPause;
import io.ectowatch.connect.metrics.TaskMetrics;
import io.ectowatch.connect.postgres.SessionLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One session of a {@link JournalReader}, once it is prepared: reads, checks the triggers, maintains the journal and waits, in
 * turn.
 *
 * @param committed how far Connect has committed, or null
 * @param progress receives how far the installation is, each time
 */
record ReadSession(
        SessionLoop loop,
        Connection reading,
        DriftMonitor drift,
        KnownLayouts layouts,
        PageQueue queue,
        LossAnnouncer announcer,
        JournalFetcher fetcher,
        Heartbeats heartbeats,
        JournalMaintenance maintenance,
        TaskMetrics metrics,
        JournalGauges gauges,
        OpenBackfills open,
        ReadPause pause,
        Supplier<@Nullable JournalPosition> committed,
        Consumer<DriftReport.Progress> progress) {

    /** Without a doorbell: how often to maintain an idle journal. With a doorbell, a wait lasts as long. */
    private static final long UPKEEP_AT_REST_NS = TimeUnit.SECONDS.toNanos(5);

    /** The longest time that reading waits for the first state of the tables to be stored. */
    private static final long FIRST_STATE_NS = TimeUnit.SECONDS.toNanos(10);

    void readUntilStopped() throws SQLException, InterruptedException {
        long begun = System.nanoTime();
        boolean reads = false;
        long nextUpkeep = begun;
        while (!loop.isStopping()) {
            DriftReport report = drift.advance(reading);
            if (report.reread()) {
                layouts.learn(reading);
            }
            if (!report.losses().isEmpty()) {
                announcer.announce(report.losses());
                drift.announced(report);
            }
            DriftReport.Progress now = report.progress();
            metrics.tables(report.tables().size(), now.inTrouble(), now.withoutTriggers());
            heartbeats.hold(!now.settled());
            reads |= now.mayPublish() || System.nanoTime() - begun >= FIRST_STATE_NS;
            boolean room = reads && queue.awaitRoom(200);
            pause.afterRead(room && fetcher.look());
            progress.accept(now);
            long nanoTime = System.nanoTime();
            ReadState state = fetcher.state();
            if (state != null
                    && (!pause.isIdleFor(UPKEEP_AT_REST_NS) || maintenance.busy() || nanoTime - nextUpkeep >= 0)) {
                nextUpkeep = nanoTime + UPKEEP_AT_REST_NS;
                maintenance.runDueTasks(state, committed.get());
            }
            gauges.update(state);
            open.note(fetcher.backfills(), fetcher.completed());
            boolean installing = now.busy() || report.reread();
            pause.await(installing, !now.settled() || installing || maintenance.busy() || fetcher.backfilling(), room);
        }
    }
}
