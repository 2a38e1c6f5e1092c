package io.ectowatch.connect.journal;

import io.ectowatch.connect.journal.read.Adoption;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalSession;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether the journal and the last position belong to the database of a session. */
final class HistoryCheck {

    private static final Logger log = LoggerFactory.getLogger(HistoryCheck.class);

    private final Connection reading;
    private final ObjectNames names;
    private final OwnerFence fence;
    private final JournalSession session;
    private final String history;
    /** Whether the journal was copied from another database. */
    private boolean copied;

    HistoryCheck(Connection reading, ObjectNames names, OwnerFence fence, JournalSession session) throws SQLException {
        this.reading = reading;
        this.names = names;
        this.fence = fence;
        this.session = session;
        history = session.history();
    }

    /**
     * Makes the task the journal's owner, and adopts a copied journal.
     *
     * @param foreignRows whether an earlier session found rows of another database
     * @param meanwhile called between the steps of an adoption
     */
    void adopt(boolean foreignRows, Adoption.Meanwhile meanwhile) throws SQLException, InterruptedException {
        copied = fence.enter(reading, history);
        List<Integer> tables = session.tables();
        if (!copied && (foreignRows || session.hasPlacesOfAnotherSystem(tables))) {
            fence.disown(reading);
            copied = true;
        }
        if (copied) {
            log.warn(
                    "The journal of connector {} was copied from another database or server, probably by dump and"
                            + " restore. Its contents are published once.",
                    names.connector());
            new Adoption(reading, names, fence).run(tables, meanwhile);
        }
    }

    /**
     * Where reading begins.
     *
     * @param position a position
     * @param elsewhere whether the previous position has no meaning in this database, so that reading starts from the
     *     beginning
     */
    record Start(JournalPosition position, boolean elsewhere) {}

    /** @param last the last position, or null for the beginning of the journal */
    Start startAfter(@Nullable JournalPosition last) throws SQLException {
        if (last == null && !copied) {
            return new Start(JournalPosition.beginning(history, 0), false);
        }
        if (last != null && !copied && last.isOf(history) && !session.isBehind(last)) {
            return new Start(last, false);
        }
        if (!copied) {
            log.warn(
                    "Connector {}: the database has another history than when the journal was last read, probably after"
                            + " a failover or a restore. The contents of the journal are published again, so that"
                            + " nothing is lost.",
                    names.connector());
        }
        // The UUID distinguishes it from the history before, whose numbers may still be committed.
        return new Start(
                JournalPosition.beginning(history + "/" + UUID.randomUUID(), last == null ? 0 : last.losses()), true);
    }
}
