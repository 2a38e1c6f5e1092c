package io.ectowatch.connect.journal;

import io.ectowatch.connect.backfill.BackfillRequests;
import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.journal.offset.OffsetValidator;
import io.ectowatch.connect.journal.state.JournalPosition;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * What an offset says about where to continue.
 *
 * @param position the position, or null to begin with everything in the journal
 * @param unfinished the backfills that have not ended
 * @param since only changes since this time are published of those in the journal, in milliseconds since 1970; 0 for all
 */
record StartPosition(@Nullable JournalPosition position, Backfills unfinished, long since) {

    /**
     * @param offset as Connect has stored it, or null
     * @throws ConnectException if it is not one of this connector
     */
    static StartPosition of(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return new StartPosition(null, Backfills.NONE, 0);
        }
        long since = OffsetValidator.asksForATime(offset) ? OffsetValidator.time(offset) : 0;
        try {
            return new StartPosition(
                    since == 0 && !BackfillRequests.isAllOf(offset) ? JournalPosition.fromOffset(offset) : null,
                    Backfills.ofOffset(offset),
                    since);
        } catch (IllegalArgumentException e) {
            throw new ConnectException(
                    "The offset that Connect has stored for this connector is not valid: " + e.getMessage()
                            + ". Stop the connector, set its offset to {\"timestamp\": 1} and resume it. It then"
                            + " begins with everything in the journal.",
                    e);
        }
    }
}
