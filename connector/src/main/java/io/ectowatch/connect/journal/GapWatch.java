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
    /**
     * A change that was lost may be committed only after its gap has been announced, and the table read again. So a gap
     * is announced once more when every transaction below this one has ended.
     */
    private long openUntil;

    /** {@code losses}: how many have been announced; negative when nothing is known, and nothing has to be announced. */
    GapWatch(Connection connection, ObjectNames names, String token, Upkeep upkeep, long losses) {
        this.connection = connection;
        this.names = names;
        this.token = token;
        this.upkeep = upkeep;
        this.losses = losses;
    }

    /** How many losses have been announced, or had been counted when this began. */
    long known(CutReader.State state) {
        if (losses < 0) {
            losses = state.losses();
        }
        return losses;
    }

    /** How many losses will have been announced with the gap that {@link #check} has returned. */
    long losses() {
        return losses;
    }

    /**
     * Looks whether there is a gap to be announced, once all that the journal has is read.
     *
     * @return the reason, or null
     */
    String check(CutReader.State state) throws SQLException {
        boolean lost = state.losses() != known(state);
        boolean suspended = (state.ring() & SUSPENDED) == SUSPENDED;
        losses = state.losses();
        if (suspended) {
            // What was there has been read, so that there is room, or will be when Connect has committed it.
            Doorbell.setRing(connection, names, token, Integer.toString(emptiest()));
        }
        if (lost || suspended) {
            openUntil = nextTransaction();
            return suspended
                    ? "the journal was suspended, because it was full or nobody read it for too long"
                    : "a trigger could not write to the journal; the server's log has the reason";
        }
        if (openUntil > 0 && state.snapshot().xmin() >= openUntil) {
            openUntil = 0;
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
