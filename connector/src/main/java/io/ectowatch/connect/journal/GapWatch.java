package io.ectowatch.connect.journal;

import java.sql.SQLException;

/** Notices what the journal could not take: losses that triggers have counted, and a journal that has suspended itself. */
final class GapWatch {

    private final Upkeep upkeep;
    private long losses;
    /** The loss that has been announced to the end: it stays the one before while {@link #openUntil} is awaited. */
    private long settledLosses;
    /**
     * A change that was lost may be committed only after its gap has been announced, and the table read again. So a gap
     * is announced once more when every transaction below this one has ended.
     */
    private long openUntil;
    /** Whether the consumers know of the present suspension; they hear of its end as well. */
    private boolean announcedFull;

    /** {@code losses}: which has been announced, 0 for none. */
    GapWatch(Upkeep upkeep, long losses) {
        this.upkeep = upkeep;
        this.losses = losses;
        this.settledLosses = losses;
    }

    /**
     * The last loss that has been announced to the end: what an offset has to say, so that a task which resumes there
     * announces the rest.
     */
    long settled() {
        return settledLosses;
    }

    /**
     * Looks whether there is a gap to be announced, once all that the journal has is read.
     *
     * @return the reason, or null
     */
    String check(JournalState state) throws SQLException {
        boolean lost = state.losses() != losses;
        boolean suspended = upkeep.isSuspended(state.ring());
        if (suspended && !upkeep.hasRoom()) {
            // It would be full again at once, and every time costs the consumers a look at all tables.
            if (!announcedFull) {
                announcedFull = true;
                losses = state.losses();
                openUntil = upkeep.nextTransaction();
                return "the journal is full, and takes no changes until Connect has committed what it holds";
            }
        } else if (lost || suspended) {
            announcedFull = false;
            losses = state.losses();
            if (suspended) {
                upkeep.resume();
            }
            openUntil = upkeep.nextTransaction();
            return suspended
                    ? "the journal was suspended, because it was full or nobody read it for too long"
                    : "a trigger could not write to the journal, for which the server's log has the reason, or somebody has"
                            + " changed triggers";
        }
        if (openUntil > 0 && state.snapshot().xmin() >= openUntil) {
            openUntil = 0;
            settledLosses = losses;
            return "transactions that were open at the gap before have ended";
        }
        return null;
    }
}
