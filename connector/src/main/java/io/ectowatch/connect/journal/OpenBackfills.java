package io.ectowatch.connect.journal;

import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the backfills that have not ended to the table that the view "status" shows. A statement runs only if they have
 * changed, and once for each session. Calls add their rows themselves, so that the view has them while no task runs.
 */
final class OpenBackfills {

    private static final long EVERY_NS = TimeUnit.SECONDS.toNanos(5);

    /** A row that no task has noted belongs to a call that may not have been read yet. */
    private static final String NOTE = """
            WITH open AS MATERIALIZED (
                SELECT o.id, format('%I.%I', o.schema, o."table") AS relation, lower(o.cause) AS cause, o.count AS published
                FROM jsonb_to_recordset(?::jsonb) AS o (id text, schema text, "table" text, cause text, count int8)
            ),
            ended AS (
                DELETE FROM ${table} AS b
                WHERE ${owned} AND b.id NOT IN (SELECT o.id FROM open AS o)
                  AND (b.noted OR pg_visible_in_snapshot(b.xid, ?::pg_snapshot))
            )
            INSERT INTO ${table} (id, relation, cause, published, noted)
            SELECT o.id, o.relation, o.cause, o.published, true FROM open AS o WHERE ${owned}
            ON CONFLICT (id) DO UPDATE SET published = excluded.published, noted = true
            """;

    private final Connection connection;
    private final String sql;
    private @Nullable Backfills noted;
    private long next;
    /** A call may have ended with the read that found it: its row goes when that read is known to be complete. */
    private boolean again;

    OpenBackfills(Connection connection, ObjectNames names, OwnerFence fence) {
        this.connection = connection;
        this.sql = NOTE.replace("${table}", names.openBackfills()).replace("${owned}", fence.condition());
    }

    /**
     * Writes them, if they have changed.
     *
     * @param completed all changes of transactions that it sees were read; null before the first read
     */
    void note(Backfills open, @Nullable XidSnapshot completed) throws SQLException {
        if (open == noted && !again) {
            return;
        }
        long now = System.nanoTime();
        if (noted != null && ids(open).equals(ids(noted)) && now - next < 0) {
            return;
        }
        again = open != noted;
        noted = open;
        next = now + EVERY_NS;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, open.toString());
            statement.setString(2, completed == null ? null : completed.toString());
            statement.executeUpdate();
        }
    }

    private static List<String> ids(Backfills backfills) {
        return backfills.all().stream().map(Backfill::id).toList();
    }
}
