package io.ectowatch.connect.journal.maintenance;

import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists the sessions that prevent journal tables from being emptied: open or prepared transactions, dumps. */
final class TableHolders {

    private static final Logger log = LoggerFactory.getLogger(TableHolders.class);

    private static final long MOMENT_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Shorter transactions are not logged. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private static final long AGAIN_NS = TimeUnit.MINUTES.toNanos(10);

    /** Columns that a role without {@code pg_read_all_stats} may not see for other roles are null. */
    private static final String HOLDERS = """
            SELECT coalesce('transaction prepared as ' || quote_literal(p.gid) || ' by role ' || quote_ident(p.owner)
                                || ', since ' || p.prepared,
                            'pid ' || l.pid || coalesce(' of role ' || quote_ident(a.usename), '')
                                || coalesce(', application_name ' || quote_literal(nullif(a.application_name, '')), '')
                                || coalesce(', ' || a.state, '') || coalesce(', transaction since ' || a.xact_start, ''))
                   || ' (' || string_agg(DISTINCT l.mode || ' on journal table ' || n.place, ', ') || ')'
            FROM unnest(?, ?) AS n (name, place)
            JOIN pg_locks AS l ON l.relation = to_regclass(n.name) AND l.locktype = 'relation' AND l.granted
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND l.pid IS DISTINCT FROM pg_backend_pid()
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN pg_locks AS x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
                AND x.virtualtransaction = l.virtualtransaction
            LEFT JOIN pg_prepared_xacts AS p ON p.transaction = x.transactionid
            GROUP BY l.pid, a.usename, a.application_name, a.state, a.xact_start, p.gid, p.owner, p.prepared
            ORDER BY a.xact_start, p.prepared
            LIMIT 10
            """;

    private final Connection connection;
    private final ObjectNames names;
    /** By table, since when it could not be locked. */
    private final Map<Integer, Long> heldSince = new HashMap<>();

    private boolean warned;
    private long nextAt = System.nanoTime();

    TableHolders(Connection connection, ObjectNames names) {
        this.connection = connection;
        this.names = names;
    }

    /** The table could not be emptied, since another session holds a lock on it. */
    void held(int table) {
        heldSince.putIfAbsent(table, System.nanoTime());
    }

    /** Whether the table has been held for more than a moment. */
    boolean hold(int table) {
        Long since = heldSince.get(table);
        return since != null && System.nanoTime() - since >= MOMENT_NS;
    }

    /** The table was emptied, or could have been. */
    void free(int table) {
        heldSince.remove(table);
    }

    /** Logs once that tables are held, again after a long time, and when that is over. */
    void report(String consequence) throws SQLException {
        long now = System.nanoTime();
        List<Integer> held = heldSince.entrySet().stream()
                .filter(entry -> now - entry.getValue() >= PATIENCE_NS)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (held.isEmpty()) {
            if (warned && heldSince.isEmpty()) {
                warned = false;
                log.info("Connector {} can empty all of its journal tables again.", names.connector());
            }
            return;
        }
        if (warned && now - nextAt < 0) {
            return;
        }
        String holders = holders(held);
        if (!holders.isEmpty()) {
            warned = true;
            nextAt = now + AGAIN_NS;
            log.warn(
                    "Connector {} cannot empty its journal tables, because other transactions hold locks on them: {}."
                            + " {} End these transactions if they are not needed.",
                    names.connector(),
                    holders,
                    consequence);
        }
    }

    /** The sessions and transactions that hold the tables, as text, or empty. */
    String holders(List<Integer> tables) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HOLDERS)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", tables.stream().map(names::journal).toArray()));
            statement.setArray(2, connection.createArrayOf("text", tables.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                StringBuilder text = new StringBuilder();
                while (row.next()) {
                    text.append(text.isEmpty() ? "" : "; ").append(row.getString(1));
                }
                return text.toString();
            }
        }
    }
}
