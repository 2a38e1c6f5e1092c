package io.ectowatch.connect.journal.offset;

import io.ectowatch.connect.backfill.Backfill;
import io.ectowatch.connect.backfill.BackfillRequests;
import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalSession;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * An offset from which an operator wants a connector to continue: one that Connect has shown before, or {@code
 * {"timestamp": ...}}, in milliseconds since 1970 or as ISO 8601, for everything that the journal has from then on. With {@code
 * "backfill"} it also requests backfills; alone, for everything that the journal has.
 */
public final class OffsetValidator {

    static final String TIMESTAMP = "timestamp";

    private static final String HOW = " Use an offset that Connect has shown for this connector, {\"timestamp\":"
            + " \"2026-01-31T12:00:00Z\"}, or null, which uninstalls the connector, its journal included, and starts"
            + " from the beginning.";

    private static final String STATE = """
            SELECT emptied_from::text, emptied_to::text, (emptied_lsn - '0/0'::pg_lsn)::int8, emptied_xid::text::int8,
                   emptied_index, (date_part('epoch', emptied_at) * 1000)::int8,
                   (date_part('epoch', clock_timestamp()) * 1000)::int8, pg_current_snapshot()::text
            FROM (SELECT) AS here LEFT JOIN %s AS o ON true
            """;

    private final Connection connection;
    private final ObjectNames names;

    public OffsetValidator(Connection connection, ObjectNames names) {
        this.connection = connection;
        this.names = names;
    }

    /** Whether the offset is a timestamp. */
    public static boolean asksForATime(Map<String, ?> offset) {
        return offset.containsKey(TIMESTAMP);
    }

    /**
     * The time of a timestamp offset, in milliseconds since 1970.
     *
     * @throws ConnectException if it is not a valid timestamp
     */
    public static long time(Map<String, ?> offset) {
        Object value = offset.get(TIMESTAMP);
        if (value instanceof Number number) {
            return number.longValue();
        }
        try {
            return Instant.parse(String.valueOf(value)).toEpochMilli();
        } catch (DateTimeException e) {
            throw new ConnectException(
                    "The timestamp " + value + " is not valid. Use ISO 8601 with a zone, such as"
                            + " 2026-01-31T12:00:00Z, or milliseconds since 1970.",
                    e);
        }
    }

    /**
     * Checks that the journal can be read from there.
     *
     * @throws ConnectException if it cannot, with the reason
     */
    public void check(Map<String, ?> offset) throws SQLException {
        if (!exists(names.owner())) {
            throw new ConnectException("Connector " + names.connector()
                    + " has no journal in this database, so an offset has no effect. Start the connector first.");
        }
        checkBackfills(offset);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STATE.formatted(names.owner()))) {
            row.next();
            if (asksForATime(offset)) {
                checkTime(time(offset), row);
            } else if (!BackfillRequests.isAllOf(offset)) {
                checkPosition(offset, row);
            }
        }
    }

    /** Lets the database check requests as it checks calls; nothing of that stays. */
    private void checkBackfills(Map<String, ?> offset) throws SQLException {
        Backfills unfinished;
        List<Backfill> requested;
        try {
            unfinished = Backfills.ofOffset(offset);
            requested = BackfillRequests.in(offset);
            if (requested.isEmpty() && BackfillRequests.isAnyOf(offset)) {
                throw new IllegalArgumentException(
                        "the field " + BackfillRequests.TABLES + " must name at least one table");
            }
        } catch (IllegalArgumentException e) {
            throw new ConnectException("This backfill cannot be requested: " + e.getMessage() + ".", e);
        }
        for (Backfill backfill : unfinished.all()) {
            if (requested.contains(backfill) || backfill.condition() != null) {
                checkBackfill(backfill, requested.contains(backfill));
            }
        }
    }

    /** @param needsTable whether the table must be watched; otherwise the backfill ends if it is not */
    private void checkBackfill(Backfill backfill, boolean needsTable) throws SQLException {
        String table =
                SqlText.identifier(backfill.table().schema(), backfill.table().table());
        if (!exists(table)) {
            if (needsTable) {
                throw new ConnectException("A backfill of " + backfill.table()
                        + " cannot be requested: the database has no such table. Correct the name.");
            }
            return;
        }
        connection.setAutoCommit(false);
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + SqlText.identifier(names.schema(), names.backfillFunction())
                        + "(pg_catalog.to_regclass(?)::oid, ?, NULL)")) {
            statement.setString(1, table);
            statement.setString(2, backfill.condition());
            statement.execute();
        } catch (SQLException e) {
            boolean suspended = SqlStates.is(e, SqlStates.NOT_IN_REQUIRED_STATE); // the task resumes the journal
            if (suspended || !needsTable && SqlStates.is(e, SqlStates.UNDEFINED_TABLE)) {
                return;
            }
            throw new ConnectException(
                    "A backfill of " + backfill.table() + " cannot be requested: " + Failure.serverSentence(e), e);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static void checkTime(long time, ResultSet state) throws SQLException {
        long emptied = state.getLong(6);
        if (time > state.getLong(7)) {
            throw new ConnectException(
                    "The timestamp " + Instant.ofEpochMilli(time) + " is in the future. Use an" + " earlier one.");
        }
        if (time <= emptied) {
            throw new ConnectException("The journal has no changes of " + Instant.ofEpochMilli(time)
                    + " any more. Use a timestamp after " + Instant.ofEpochMilli(emptied) + ".");
        }
    }

    private void checkPosition(Map<String, ?> offset, ResultSet state) throws SQLException {
        JournalPosition position;
        try {
            position = JournalPosition.fromOffset(offset);
        } catch (IllegalArgumentException e) {
            throw new ConnectException("This is not an offset of this connector: " + e.getMessage() + "." + HOW, e);
        }
        String history = new JournalSession(connection, names).history();
        if (!position.isOf(history)) {
            throw new ConnectException("This offset belongs to another database, or is from before a failover or a"
                    + " restore. Its history is " + position.history() + "; the history of this database is"
                    + " " + history + "." + HOW);
        }
        if (!XidSnapshot.parse(state.getString(8)).includes(position.to())) {
            throw new ConnectException("This offset is in the future of this database." + HOW);
        }
        String emptiedFrom = state.getString(1);
        if (emptiedFrom != null
                && !position.reaches(new JournalPosition(
                        history,
                        XidSnapshot.parse(emptiedFrom),
                        XidSnapshot.parse(state.getString(2)),
                        state.getLong(3),
                        state.getLong(4),
                        state.getLong(5),
                        0))) {
            throw new ConnectException(
                    "The journal has been emptied beyond this offset. The changes that follow it are gone." + HOW);
        }
    }

    private boolean exists(String table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
