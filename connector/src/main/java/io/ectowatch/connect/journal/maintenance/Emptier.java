package io.ectowatch.connect.journal.maintenance;

import io.ectowatch.connect.journal.read.CutReader;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.SqlStates;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties journal tables of which Connect has committed everything. TRUNCATE needs ACCESS EXCLUSIVE, and a statement that
 * began before triggers turned away from the table may be about to write to it. So what takes long is done before: all
 * rows are checked without a lock, and under the lock only those that the check cannot have seen. The rule is that of
 * {@link CutReader}: a transaction with a higher number than the next one of some moment writes rows with an {@code lsn}
 * beyond what the log had reached at that moment. {@code src/model} has it as a checked model.
 */
final class Emptier {

    private static final Logger log = LoggerFactory.getLogger(Emptier.class);

    /**
     * While a transaction is open that is older than the turn, all rows are checked under the lock: only such a
     * transaction can have to wait for that, and for no more than this part of the time that its statement has taken.
     */
    private static final int PART_OF_ITS_TIME = 20;

    /** Before that, most transactions have ended. */
    private static final long FIRST_TRY_NS = TimeUnit.MILLISECONDS.toNanos(200);

    /**
     * One statement, so that no round trip lies between lock and commit, and a client that dies leaves no lock. The owner's
     * row first: it may have to be waited for, with nothing locked that writers need. NOWAIT: a long transaction or a dump
     * is not waited for, and nobody queues behind this. The files are removed after the lock has been released.
     */
    private static final String EMPTY = """

            DECLARE
                unread  bool;
                newest  timestamptz;
            BEGIN
                PERFORM FROM ${owner} WHERE token = '${token}' FOR NO KEY UPDATE;
                IF NOT FOUND THEN
                    RETURN;
                END IF;
                LOCK TABLE ${journal} IN ACCESS EXCLUSIVE MODE NOWAIT;
                SELECT f.* INTO unread, newest FROM (${check}) AS f;
                IF unread THEN
                    RETURN;
                END IF;
                UPDATE ${owner} SET emptied_from = '${from}', emptied_to = '${to}', emptied_lsn = '${lsn}',
                    emptied_xid = '${xid}', emptied_index = ${index}, emptied_at = greatest(${at}, newest);
                TRUNCATE ${journal};
            END
            """;

    private final Connection connection;
    private final ObjectNames names;
    private final OwnerFence fence;
    private final TableHolders holders;
    /** Checks under way, or that have found nothing unread while others hold the table. */
    private final Map<Integer, ReadCheck> checks = new HashMap<>();
    /** Up to where Connect had committed when a table was found to have more. */
    private final Map<Integer, JournalPosition> unreadAfter = new HashMap<>();
    /** When to check a table under the lock, while older transactions are open. */
    private final Map<Integer, Long> nextTry = new HashMap<>();

    /**
     * A moment at which triggers had turned away from a table.
     *
     * @param at by this JVM's clock
     * @param openBelow only transactions below this one may have begun before it
     * @param written how far the write-ahead log had been written: rows of all others are beyond
     */
    record Left(long at, long openBelow, long written) {}

    Emptier(Connection connection, ObjectNames names, OwnerFence fence, TableHolders holders) {
        this.connection = connection;
        this.names = names;
        this.fence = fence;
        this.holders = holders;
    }

    /**
     * Empties the table if everything in it is committed, or goes on checking that for a moment.
     *
     * @param left since when it is not written to
     * @param xmin all transactions below have ended
     * @return whether there is more to check
     */
    boolean empty(int table, Left left, JournalPosition committed, long xmin) throws SQLException {
        ReadCheck check = checks.get(table);
        if (check == null) {
            if (committed.equals(unreadAfter.get(table))) {
                holders.free(table);
                return false;
            }
            if (xmin < left.openBelow()) {
                emptyAfterCheckingAll(table, left, committed);
                return false;
            }
            check = new ReadCheck(connection, names.journal(table), committed);
            checks.put(table, check);
        }
        if (!check.advance()) {
            return true;
        }
        if (check.foundUnread()) {
            unread(table, check.committed());
        } else {
            empty(table, check.committed(), check.ofRowsFrom(left.written()), check.newest());
        }
        return false;
    }

    /** The table is written to, or gone, or empty: what is known of its rows is of no use any more. */
    void forget(int table) {
        checks.remove(table);
        unreadAfter.remove(table);
        nextTry.remove(table);
        holders.free(table);
    }

    private void unread(int table, JournalPosition committed) {
        checks.remove(table);
        unreadAfter.put(table, committed);
        holders.free(table);
    }

    private void emptyAfterCheckingAll(int table, Left left, JournalPosition committed) throws SQLException {
        long now = System.nanoTime();
        long since = now - left.at();
        if (now - nextTry.computeIfAbsent(table, first -> left.at() + FIRST_TRY_NS) < 0) {
            return;
        }
        // So the tries that fail take no larger part of the time either.
        nextTry.put(table, now + since);
        String before = settingOfTimeout();
        setTimeout(TimeUnit.NANOSECONDS.toMillis(since / PART_OF_ITS_TIME) + "ms");
        try {
            ReadCheck check = new ReadCheck(connection, names.journal(table), committed);
            if (empty(table, committed, check.ofAllRows(), check.newest())) {
                // Held: soon again, since that takes no time.
                nextTry.put(table, now);
            } else {
                // If it is not empty now, it has rows that are not committed.
                unreadAfter.put(table, committed);
            }
        } catch (SQLException e) {
            if (!SqlStates.is(e, SqlStates.QUERY_CANCELED)) {
                throw e;
            }
            // It counts as held by the open transactions, so that another table can be made.
            holders.held(table);
        } finally {
            setTimeout(before);
        }
    }

    /**
     * {@code check}: the query that is run under the lock.
     *
     * @return whether others hold the table
     */
    private boolean empty(int table, JournalPosition committed, String check, String newest) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DO "
                    + SqlText.dollarQuoted(EMPTY.replace("${owner}", names.owner())
                            .replace("${token}", fence.token())
                            .replace("${journal}", names.journal(table))
                            .replace("${check}", check)
                            .replace("${from}", committed.from().toString())
                            .replace("${to}", committed.to().toString())
                            .replace("${lsn}", Lsn.text(committed.lsn()))
                            .replace("${xid}", Long.toString(committed.transaction()))
                            .replace("${index}", Long.toString(committed.index()))
                            .replace("${at}", newest)));
        } catch (SQLException e) {
            if (!SqlStates.is(e, SqlStates.LOCK_NOT_AVAILABLE)) {
                throw e;
            }
            holders.held(table);
            return true;
        }
        // If it is not empty now, a late row has come, which the next check finds.
        checks.remove(table);
        holders.free(table);
        log.debug("Emptied {}, unless it has unread rows.", names.journal(table));
        return false;
    }

    private String settingOfTimeout() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW statement_timeout")) {
            row.next();
            return row.getString(1);
        }
    }

    private void setTimeout(String value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = " + SqlText.literal(value));
        }
    }
}
