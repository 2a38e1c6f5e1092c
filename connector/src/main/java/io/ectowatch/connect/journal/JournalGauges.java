package io.ectowatch.connect.journal;

import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.read.JournalFetcher;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.journal.wake.Doorbell;
import io.ectowatch.connect.metrics.JournalMetrics;
import org.jspecify.annotations.Nullable;

/** Takes what a session knows of the journal over into the metrics; runs no statement. */
record JournalGauges(
        JournalMetrics metrics, JournalMaintenance maintenance, JournalFetcher fetcher, Doorbell doorbell) {

    /** @param state as of the last read; null before the first */
    void update(@Nullable ReadState state) {
        metrics.lease(maintenance.leaseMs());
        if (state != null) {
            metrics.size(maintenance.bytes(), maintenance.maxBytes(), maintenance.isSuspended(state.ring()));
        }
        metrics.unread(fetcher.unreadAt());
        Backfills backfills = fetcher.backfills();
        metrics.backfills(backfills.all().size(), backfills.rows());
        metrics.count(maintenance.takeRotations(), fetcher.takeFlushWaits(), doorbell.takeRings());
    }
}
