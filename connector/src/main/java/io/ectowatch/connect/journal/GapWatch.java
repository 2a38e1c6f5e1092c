package io.ectowatch.connect.journal;

import io.ectowatch.connect.install.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Notices what the journal could not take: losses that triggers have counted, and a journal that has suspended itself. */
final class GapWatch {

    private static final int SUSPENDED = 3;

    private final Connection connection;
    private final ObjectNames names;
    private final String token;
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
    GapWatch(Connection connection, ObjectNames names, String token, Upkeep upkeep, long losses) {
        this.connection = connection;
        this.names = names;
        this.token = token;
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
        boolean suspended = (state.ring() & SUSPENDED) == SUSPENDED;
        if (suspended && !upkeep.hasRoom()) {
            // It would be full again at once, and every time costs the consumers a look at all tables.
            if (!announcedFull) {
                announcedFull = true;
                losses = state.losses();
                openUntil = nextTransaction();
                return "the journal is full, and takes no changes until Connect has committed what it holds";
            }
        } else if (lost || suspended) {
            announcedFull = false;
            losses = state.losses();
            if (suspended) {
                Doorbell.setRing(connection, names, token, Integer.toString(emptiest()));
            }
            openUntil = nextTransaction();
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

    /** What the next transaction to begin will be at least. */
    private long nextTransaction() throws SQLException {
        String sql =
                "SELECT pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid) FROM pg_current_snapshot() AS s";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private int emptiest() throws SQLException {
        long[] sizes = upkeep.sizes();
        int best = 0;
        for (int table = 1; table < sizes.length; table++) {
            best = sizes[table] < sizes[best] ? table : best;
        }
        return best;
    }
}
