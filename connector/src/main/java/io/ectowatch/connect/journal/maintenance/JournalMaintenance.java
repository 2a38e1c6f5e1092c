package io.ectowatch.connect.journal.maintenance;

import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the journal small: rotates to an empty table when the current one has grown, and empties tables whose rows
 * Connect has committed. If other sessions hold locks on all candidates, it creates a spare table, and drops it
 * later. Renews the owner's lease.
 */
public final class JournalMaintenance {

    private static final Logger log = LoggerFactory.getLogger(JournalMaintenance.class);

    private static final long EVERY_NS = TimeUnit.SECONDS.toNanos(1);

    /** A small journal is full sooner, and is checked more often. */
    private static final long SMALL_BYTES = 64L << 20;

    private static final long EVERY_NS_IF_SMALL = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LEASE_EVERY_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long TURN_BYTES = 1L << 20;
    private static final long LEAST_TURN_BYTES = 64L << 10;
    private static final long TURN_AFTER_NS = TimeUnit.SECONDS.toNanos(60);

    /** How long a spare table stays after it was last needed. */
    private static final long SPARE_NS = TimeUnit.SECONDS.toNanos(10);

    /** How far the log has been written, and which number the next transaction has after that. */
    private static final String NOW = """
            SELECT log.written - '0/0'::pg_lsn, numbers.next_xid
            FROM (SELECT pg_current_wal_insert_lsn() AS written OFFSET 0) AS log
            -- Looked for after the log's end, which is why it depends on it.
            CROSS JOIN LATERAL (SELECT %s AS next_xid
                                FROM pg_current_snapshot() AS s WHERE log.written IS NOT NULL OFFSET 0) AS numbers
            """.formatted(XidSnapshot.NEXT_XID);

    private final Connection connection;
    private final ObjectNames names;
    private final OwnerFence fence;
    private final JournalTables tables;
    private final TableSizes tableSizes;
    private final Ring ring;
    private final TableHolders holders;
    private final long leaseMs;
    private final long maxBytes;
    private long nextLook = System.nanoTime();
    private long nextLease = System.nanoTime();
    private long turnedAt = System.nanoTime();
    private final Emptier emptier;
    /** The tables that are not written to any more. */
    private final Map<Integer, Emptier.Left> left = new HashMap<>();

    private boolean busy;
    private int rotations;

    public JournalMaintenance(
            Connection connection,
            ObjectNames names,
            OwnerFence fence,
            JournalTables tables,
            long leaseMs,
            long maxBytes) {
        this.connection = connection;
        this.names = names;
        this.fence = fence;
        this.tables = tables;
        this.tableSizes = new TableSizes(connection, names, tables);
        this.ring = new Ring(connection, names, fence.token());
        this.holders = new TableHolders(connection, names);
        this.emptier = new Emptier(connection, names, fence, holders);
        this.leaseMs = leaseMs;
        this.maxBytes = maxBytes;
    }

    /**
     * Runs the tasks that are pending.
     *
     * @param state as of the last read
     * @param committed how far Connect has committed, or null if that is not known yet
     */
    public void runDueTasks(ReadState state, @Nullable JournalPosition committed) throws SQLException {
        long now = System.nanoTime();
        if (now - nextLease >= 0) {
            renewLease(false);
            nextLease = now + LEASE_EVERY_NS;
        }
        if (!busy && now - nextLook < 0) {
            return;
        }
        nextLook = now + (maxBytes < SMALL_BYTES ? EVERY_NS_IF_SMALL : EVERY_NS);
        runDueTasks(state.ring(), state.snapshot().xmin(), committed);
    }

    /**
     * Empties, rotates, creates and drops tables as needed.
     *
     * @param ringValue see {@link ReadState#ring}
     * @param xmin all transactions below have ended
     */
    public void runDueTasks(long ringValue, long xmin, @Nullable JournalPosition committed) throws SQLException {
        fence.claim(connection);
        Map<Integer, Long> sizes = tableSizes.read();
        int current = Ring.table(ringValue);
        noteThoseLeft(current);
        busy = false;
        for (int table : tables.all()) {
            Emptier.Left since = left.get(table);
            if (table == current || isEmpty(table, sizes)) {
                emptier.forget(table);
            } else if (committed != null && since != null) {
                busy |= emptier.empty(table, since, committed, xmin);
            } else {
                holders.free(table);
            }
        }
        if (current != Ring.SUSPENDED) {
            turnFrom(current, sizes);
        }
        dropLast(current, sizes, xmin);
        holders.report(
                tables.mayMakeMore()
                        ? "Until then changes are written to other journal tables, and additional ones are created if"
                                + " needed."
                        : "Spare journal tables cannot be created, so the journal may become full"
                                + " (journal.max.bytes), and changes may be lost.");
    }

    private void turnFrom(int current, Map<Integer, Long> sizes) throws SQLException {
        long size = sizes.getOrDefault(current, 0L);
        long enough = Math.max(LEAST_TURN_BYTES, Math.min(TURN_BYTES, maxBytes / 16));
        int empty = empty(current, sizes);
        boolean grown = size >= enough || size > 0 && System.nanoTime() - turnedAt >= TURN_AFTER_NS;
        // Writing to a spare table costs the triggers a little more, so rotate back as soon as possible.
        boolean back = current >= ObjectNames.JOURNAL_TABLES && empty < ObjectNames.JOURNAL_TABLES;
        if (empty >= 0 && (grown || back)) {
            rotate(current, empty);
        } else if (empty < 0
                && size >= Math.max(enough, Math.min(enough << tables.spare() / 2, maxBytes / 8))
                && tables.mayMakeMore()
                && tables.all().stream().allMatch(table -> table == current || holders.hold(table))) {
            OptionalInt made = tables.make();
            if (made.isPresent()) {
                rotate(current, made.getAsInt());
            }
        }
    }

    /** An empty table to rotate to, preferably the next one in the ring; -1 if all have rows. */
    private int empty(int current, Map<Integer, Long> sizes) {
        List<Integer> others = new ArrayList<>(tables.all());
        if (current < ObjectNames.JOURNAL_TABLES) {
            Collections.rotate(others.subList(0, ObjectNames.JOURNAL_TABLES), -current);
        }
        return others.stream()
                .filter(table -> table != current && isEmpty(table, sizes))
                .findFirst()
                .orElse(-1);
    }

    private void noteThoseLeft(int current) throws SQLException {
        left.remove(current);
        Emptier.Left now = null;
        for (int table : tables.all()) {
            if (table != current && !left.containsKey(table)) {
                now = now == null ? now() : now;
                left.put(table, now);
            }
        }
    }

    /** A point in time: transactions that begin later find the tables as they are now. */
    Emptier.Left now() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(NOW)) {
            row.next();
            return new Emptier.Left(System.nanoTime(), row.getLong(2), row.getLong(1));
        }
    }

    /** The size of the journal as the triggers measure it, when it was last checked. */
    public long bytes() {
        return tableSizes.total();
    }

    public long maxBytes() {
        return maxBytes;
    }

    public long leaseMs() {
        return leaseMs;
    }

    /** How often it has rotated since the last call. */
    public int takeRotations() {
        int taken = rotations;
        rotations = 0;
        return taken;
    }

    /** Whether tables are being checked, and {@link #runDueTasks} is to be called again at once. */
    public boolean busy() {
        return busy;
    }

    /** Only the last one: triggers count the space from the first table to the last. */
    private void dropLast(int current, Map<Integer, Long> sizes, long xmin) throws SQLException {
        int last = tables.last();
        Emptier.Left since = left.get(last);
        if (last >= ObjectNames.JOURNAL_TABLES
                && since != null
                && isEmpty(last, sizes)
                && xmin >= since.openBelow()
                && System.nanoTime() - since.at() >= SPARE_NS
                && tables.drop(last)) {
            left.remove(last);
            emptier.forget(last);
        }
    }

    /** See {@link Ring#rotate}. */
    public void rotate(int from, int to) throws SQLException {
        ring.rotate(from, to);
        rotations++;
        turnedAt = System.nanoTime();
    }

    /** Whether triggers do not write, or write to a table that was dropped. */
    public boolean isSuspended(long ringValue) {
        return !tables.all().contains(Ring.table(ringValue));
    }

    /** Lets triggers write again, to the smallest of the three tables. */
    public void resume() throws SQLException {
        Map<Integer, Long> sizes = tableSizes.read();
        int best = 0;
        for (int table = 1; table < ObjectNames.JOURNAL_TABLES; table++) {
            best = sizes.getOrDefault(table, 0L) < sizes.getOrDefault(best, 0L) ? table : best;
        }
        ring.resume(best);
        log.info("Connector {}: the journal is no longer suspended, changes are captured again.", names.connector());
    }

    /** The lowest possible number of the next transaction. */
    public long nextTransaction() throws SQLException {
        return now().openBelow();
    }

    /**
     * Renews the lease. Committed with a flush, it also makes sure that no transaction number used so far is used
     * again after a crash, and that everything that was read is on disk.
     */
    public void renewLease(boolean flushed) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN; SET LOCAL synchronous_commit = " + (flushed ? "local" : "off") + "; "
                    + names.setLease(leaseMs) + "; COMMIT");
        }
    }

    /** How far the WAL is flushed. */
    public long flushed() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::int8")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Whether the journal is well below the size at which it suspends itself. */
    public boolean hasRoom() throws SQLException {
        return tableSizes.read().values().stream().mapToLong(Long::longValue).sum() <= maxBytes / 2;
    }

    private static boolean isEmpty(int table, Map<Integer, Long> sizes) {
        return sizes.getOrDefault(table, 1L) == 0;
    }
}
