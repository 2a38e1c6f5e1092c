package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.protocol.LossCause;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Detects changes that the journal did not record: losses that triggers have noted, and a suspended journal. */
final class LossDetector {

    /**
     * Each announcement makes the consumers read all tables again. So many follow each other at once. If losses still
     * continue, as when each statement on a table loses its changes, the pauses between them grow.
     */
    private static final int AT_ONCE = 50;

    private static final long FIRST_PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_PAUSE_NS = TimeUnit.MINUTES.toNanos(1);

    /** Losses that are further apart do not continue. */
    private static final long CALM_NS = TimeUnit.SECONDS.toNanos(10);

    private final JournalMaintenance maintenance;
    private long announcedAt = System.nanoTime();
    private long pauseNs;
    private int inARow;
    private long losses;
    /** The last loss that was announced completely; unchanged while {@link #openUntil} is pending. */
    private long settledLosses;
    /**
     * A lost change may be committed only after its gap was announced and the table was read again. So a gap is
     * announced once more when every transaction below this one has ended.
     */
    private long openUntil;
    /** Whether the current suspension was announced; its end is announced, too. */
    private boolean announcedFull;

    /** @param losses the last loss that was announced, 0 for none */
    LossDetector(JournalMaintenance maintenance, long losses) {
        this.maintenance = maintenance;
        this.losses = losses;
        this.settledLosses = losses;
    }

    /**
     * The last loss that was announced completely. An offset contains it, so that a task that resumes there announces
     * the rest.
     */
    long settled() {
        return settledLosses;
    }

    /** Whether the last announcement will be repeated, or the journal is still suspended. */
    boolean isPending() {
        return openUntil > 0 || announcedFull;
    }

    /** Whether changes were lost, or may have been lost, of which no complete announcement was made yet. */
    boolean isBehind(ReadState state) {
        return state.losses() != losses || isPending();
    }

    /**
     * Checks whether a gap has to be announced, once the whole journal is read.
     *
     * @return the reason, or null
     */
    @Nullable
    String check(ReadState state) throws SQLException {
        boolean lost = state.losses() != losses && !isPostponed();
        boolean suspended = maintenance.isSuspended(state.ring());
        if (suspended && !maintenance.hasRoom()) {
            // It would be full again at once, and each time the consumers have to read all tables.
            if (!announcedFull) {
                announcedFull = true;
                losses = state.losses();
                openUntil = maintenance.nextTransaction();
                return "the journal is full (journal.max.bytes) and records no changes until Connect has committed its"
                        + " contents";
            }
        } else if (lost || suspended) {
            announcedFull = false;
            losses = state.losses();
            lengthenPause();
            if (suspended) {
                maintenance.resume();
            }
            openUntil = maintenance.nextTransaction();
            return reason(suspended, LossCause.of(losses));
        }
        if (openUntil > 0 && state.snapshot().xmin() >= openUntil) {
            openUntil = 0;
            settledLosses = losses;
            return "transactions that were open at the previous gap have ended";
        }
        return null;
    }

    private static String reason(boolean suspended, LossCause cause) {
        if (suspended) {
            return "the journal was suspended, because "
                    + switch (cause) {
                        case FULL -> "it was full (journal.max.bytes)";
                        case EXPIRED -> "it was not read for too long (journal.lease.ms)";
                        default -> "it was full (journal.max.bytes) or was not read for too long (journal.lease.ms)";
                    };
        }
        return cause == LossCause.TASK
                ? "the triggers were changed, or rows were changed without them"
                : "a trigger could not write to the journal (see the server's log for the reason)";
    }

    private boolean isPostponed() {
        return System.nanoTime() - announcedAt < pauseNs;
    }

    private void lengthenPause() {
        long now = System.nanoTime();
        if (now - announcedAt >= Math.max(CALM_NS, 2 * pauseNs)) {
            inARow = 0;
            pauseNs = 0;
        }
        inARow++;
        if (inARow >= AT_ONCE) {
            pauseNs = Math.min(Math.max(FIRST_PAUSE_NS, 2 * pauseNs), LONGEST_PAUSE_NS);
        }
        announcedAt = now;
    }
}
