package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes journal rows that another database or server has written readable in this one, as after a dump and restore.
 * Their transaction numbers and places in the write-ahead log mean nothing here, and rows that were written here since may
 * be among them. So each row gets a new number and a low place, in the order of the times at which the rows were written.
 *
 * <p>The order is found by one query, which only reads. The rows are rewritten in short transactions: a journal may have
 * millions of them. No writer waits for any of this. Until all is done the journal's owner is marked, and so another task,
 * or this one after a crash, begins again with what is left.
 */
public final class Adoption {

    private static final Logger log = LoggerFactory.getLogger(Adoption.class);

    /** How many rows one transaction rewrites at most. */
    static final int ROWS = 10_000;

    /** How long the query for the order may take; each other statement is bounded as usual. */
    private static final int ORDER_MS = (int) TimeUnit.HOURS.toMillis(1);

    /** The first place that a server ever writes to, so that rows below it have been adopted. */
    private static final long FIRST_PLACE = 1L << 24;

    /**
     * A row that has to precede others of its transaction has been written after them, at a lower place: it counts as
     * written when the first of those was.
     */
    private static final String ORDER = """
            DECLARE ectowatch_adopted NO SCROLL CURSOR WITH HOLD FOR
            SELECT o.journal, o.row, o.lsn
            FROM (SELECT r.*, min(r.at) OVER (PARTITION BY r.xid ORDER BY r.lsn DESC
                                              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS since
                  FROM (%s) AS r) AS o
            ORDER BY o.since, o.lsn, o.xid
            """;

    private static final String REWRITE = """
            UPDATE %s AS j SET xid = pg_current_xact_id(), lsn = '0/0'::pg_lsn + n.place
            FROM unnest(?::int8[], ?::text[]::tid[], ?::text[]::pg_lsn[]) AS n (place, row, lsn)
            WHERE j.ctid = n.row AND j.lsn = n.lsn AND %s
            """;

    /** What else has to go on in the meantime. */
    public interface Meanwhile {
        void goOn() throws SQLException, InterruptedException;
    }

    /** Rows of one table. */
    private static final class Rows {
        final List<Long> places = new ArrayList<>();
        final List<String> rows = new ArrayList<>();
        final List<String> before = new ArrayList<>();
    }

    private final Connection connection;
    private final ObjectNames names;
    private final OwnerFence fence;

    /** {@code connection}: in autocommit; {@code ownership}: has marked the journal as another database's. */
    public Adoption(Connection connection, ObjectNames names, OwnerFence fence) {
        this.connection = connection;
        this.names = names;
        this.fence = fence;
    }

    /** Rewrites all rows of these tables, and then says in the owner's row that the journal is this database's. */
    public void run(List<Integer> tables, Meanwhile meanwhile) throws SQLException, InterruptedException {
        long begun = System.nanoTime();
        order(tables);
        long place = 0;
        try (Statement statement = connection.createStatement()) {
            long before;
            do {
                before = place;
                place = rewrite(fetch(statement, place), place);
                meanwhile.goOn();
            } while (place > before);
            statement.execute("CLOSE ectowatch_adopted");
        }
        fence.settle(connection);
        log.info(
                "Connector {} has renumbered the {} rows of a journal that was copied, in {} ms.",
                names.connector(),
                place,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    }

    private void order(List<Integer> tables) throws SQLException {
        List<String> rows = new ArrayList<>();
        for (int table : tables) {
            rows.add("SELECT " + table + " AS journal, ctid AS row, at, lsn, xid FROM " + names.journal(table));
        }
        int patience = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, ORDER_MS);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL statement_timeout = " + ORDER_MS + "; SET LOCAL enable_seqscan = on");
            statement.execute(ORDER.formatted(String.join(" UNION ALL ", rows)));
            connection.commit(); // which runs the query
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
            connection.setNetworkTimeout(Runnable::run, patience);
        }
    }

    /** The next rows of each table, numbered from {@code place} on. */
    private static Map<Integer, Rows> fetch(Statement statement, long place) throws SQLException {
        Map<Integer, Rows> fetched = new TreeMap<>();
        long next = place;
        try (ResultSet row = statement.executeQuery("FETCH FORWARD " + ROWS + " FROM ectowatch_adopted")) {
            while (row.next()) {
                next++;
                Rows rows = fetched.computeIfAbsent(row.getInt(1), table -> new Rows());
                rows.places.add(next);
                rows.rows.add(row.getString(2));
                rows.before.add(row.getString(3));
            }
        }
        return fetched;
    }

    /** Returns the last place that was given. */
    private long rewrite(Map<Integer, Rows> fetched, long place) throws SQLException {
        long last = place;
        for (Map.Entry<Integer, Rows> table : fetched.entrySet()) {
            Rows rows = table.getValue();
            last = Math.max(last, rows.places.get(rows.places.size() - 1));
            leaveOutThoseAlreadyInPlace(rows);
            if (rows.places.isEmpty()) {
                continue;
            }
            try (PreparedStatement update =
                    connection.prepareStatement(REWRITE.formatted(names.journal(table.getKey()), fence.condition()))) {
                update.setArray(1, connection.createArrayOf("int8", rows.places.toArray()));
                update.setArray(2, connection.createArrayOf("text", rows.rows.toArray()));
                update.setArray(3, connection.createArrayOf("text", rows.before.toArray()));
                if (update.executeUpdate() < rows.places.size()) {
                    fence.refuseIfTaken(connection);
                }
            }
        }
        return last;
    }

    /** As an adoption that did not end has left them. */
    private static void leaveOutThoseAlreadyInPlace(Rows rows) {
        for (int i = rows.places.size() - 1; i >= 0; i--) {
            long place = rows.places.get(i);
            if (place < FIRST_PLACE && Lsn.parse(rows.before.get(i)) == place) {
                rows.places.remove(i);
                rows.rows.remove(i);
                rows.before.remove(i);
            }
        }
    }
}
