package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.drift.DriftReport;
import io.ectowatch.connect.journal.read.JournalPage;
import io.ectowatch.connect.journal.read.KnownLayouts;
import io.ectowatch.connect.journal.read.PageQueue;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalSession;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Announces what a session may have missed: as rows of the journal, so that it is published even if the task ends. */
final class LossAnnouncer {

    private final JournalSession session;
    private final KnownLayouts layouts;
    private final PageQueue queue;

    LossAnnouncer(JournalSession session, KnownLayouts layouts, PageQueue queue) {
        this.session = session;
        this.layouts = layouts;
        this.queue = queue;
    }

    /** Announces changes that the triggers may have missed. */
    void announce(DriftReport.Losses losses) throws SQLException {
        for (int layout : layouts.numbers(List.of(), losses.departed().keySet())) {
            session.announceResync(layout); // if that is not allowed, only the one when the table comes back
        }
        // A loss announces every watched table.
        boolean all = losses.ofAnyTable();
        if (!all) {
            for (int layout : layouts.numbers(losses.replaced(), Set.of())) {
                all |= !session.announceResync(layout);
            }
        }
        if (all) {
            session.announceLoss();
        }
    }

    /**
     * Some changes that were published may not exist here. Also moves Connect's offset to this history. The loss is
     * recorded in the database, too: if the task ends before Kafka has the announcement, the next task announces it.
     *
     * @param last the position in this history at which reading begins
     * @return the position after the announcement
     */
    JournalPosition announceOtherHistory(JournalPosition last) throws SQLException {
        JournalPage announcement = new JournalPage.Gap(
                last,
                "the database differs from the one that was last read, or is an older state of it",
                session.announceLoss(),
                session.written());
        queue.put(announcement);
        return announcement.end();
    }
}
