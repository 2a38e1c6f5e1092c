package io.ectowatch.connect.backfill;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.config.condition.Condition;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.PinnedSettings;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of watched tables chunk by chunk, in a session of its own. Each chunk is one short transaction, which is
 * read-only and is always rolled back.
 *
 * <p>No code of a table's owner may run here. The query is prepared first: that analyses it, which locks the table, but
 * neither plans nor runs it. Under that lock the catalogs are checked: the name means the same ordinary table, and no
 * index, whose expressions the planner evaluates, calls a function of a role that could not be trusted. Only then it runs.
 * Row level security is off in each session of the connector: a policy that would apply is an error.
 */
final class ChunkReader {

    private static final String STATEMENT = "ectowatch_chunk";

    /** A chunk should take about so long. */
    private static final long GOAL_NS = 20_000_000;

    /** No snapshot is held longer than this. */
    private static final int MOST_MS = 900;

    /** How long to wait for a table that is being altered. */
    private static final int LOCK_MS = 50;

    private static final int FIRST_ROWS = 200;
    private static final int MOST_ROWS = 20_000;

    /** The texts of a chunk should not be larger than this. */
    private static final long MOST_CHARACTERS = 2L << 20;

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String QUERY_CANCELED = "57014";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /**
     * The snapshot, the time and the table; and what must not run: the function or operator of an index or of extended
     * statistics, or a domain in them, of another role. Objects of the system have no entries in pg_depend.
     */
    private static final String CHECK = """
            WITH RECURSIVE tree (oid) AS (
                SELECT %1$s::pg_catalog.oid
                UNION
                SELECT i.inhrelid FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
                WHERE (SELECT c.relkind FROM pg_catalog.pg_class AS c WHERE c.oid = i.inhparent) = 'p'
            ), evaluated (class, oid) AS (
                SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid
                FROM tree AS t JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid
                WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
                UNION ALL
                SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid
                FROM tree AS t JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = t.oid
                WHERE s.stxexprs IS NOT NULL
            ), used (what, owner) AS (
                SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text, p.proowner
                FROM evaluated AS e
                JOIN pg_catalog.pg_depend AS d ON d.classid = e.class AND d.objid = e.oid
                LEFT JOIN pg_catalog.pg_operator AS o
                    ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid
                JOIN pg_catalog.pg_proc AS p
                    ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.refobjid OR p.oid = o.oprcode
                UNION ALL
                SELECT y.oid::pg_catalog.regtype::pg_catalog.text, y.typowner
                FROM evaluated AS e
                JOIN pg_catalog.pg_depend AS d ON d.classid = e.class AND d.objid = e.oid
                JOIN pg_catalog.pg_type AS y
                    ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND y.oid = d.refobjid AND y.typtype = 'd'
            )
            SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text,
                   (pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()) * 1000)::pg_catalog.int8,
                   pg_catalog.to_regclass(%2$s)::pg_catalog.oid = %1$s
                       AND c.relkind IN ('r', 'p') AS same,
                   EXISTS (SELECT FROM tree AS t JOIN pg_catalog.pg_class AS r ON r.oid = t.oid
                           WHERE r.relkind NOT IN ('r', 'p')) AS foreign_parts,
                   (SELECT min(u.what) FROM used AS u JOIN pg_catalog.pg_roles AS r ON r.oid = u.owner
                    WHERE NOT r.rolsuper AND r.rolname <> current_user) AS stranger
            FROM (SELECT) AS here LEFT JOIN pg_catalog.pg_class AS c ON c.oid = %1$s
            """;

    private final Connection connection;
    private final ObjectNames names;
    private final boolean callsFunctions;

    /** For which table and key the order is known. */
    private @Nullable WatchedTable table;

    private @Nullable KeyOrder knownOrder;
    private int rows;
    private final int mostRows;

    ChunkReader(Connection connection, ObjectNames names, boolean callsFunctions) throws SQLException {
        this(connection, names, callsFunctions, MOST_ROWS);
    }

    /**
     * @param connection a new session, for this alone
     * @param callsFunctions whether the role owns the connector's functions
     * @param mostRows how many rows a chunk has at most
     */
    ChunkReader(Connection connection, ObjectNames names, boolean callsFunctions, int mostRows) throws SQLException {
        this.mostRows = mostRows;
        this.connection = connection;
        this.names = names;
        this.callsFunctions = callsFunctions;
        StringBuilder settings = new StringBuilder();
        PinnedSettings.VALUES.forEach((name, value) -> settings.append("SET ")
                .append(name)
                .append(" = ")
                .append(SqlText.literal(value))
                .append("; "));
        try (Statement statement = connection.createStatement()) {
            statement.execute(settings + "SET search_path = pg_catalog, pg_temp; SET lock_timeout = " + LOCK_MS
                    + "; SET statement_timeout = " + MOST_MS + "; SET constraint_exclusion = off;"
                    // The index of the key is always right, whatever the statistics say.
                    + " SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;"
                    + " SET max_parallel_workers_per_gather = 0");
            statement.execute("SELECT pg_catalog.set_config(name, 'view, foreign-table', false)"
                    + " FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'");
        }
    }

    /**
     * The next chunk; null if the table is locked at the moment, or if fewer rows have to be read at once.
     *
     * @throws BackfillFailedException if the backfill cannot continue
     * @throws SQLException if the session is gone
     */
    @Nullable
    Chunk next(Backfill backfill, WatchedTable watched) throws SQLException, BackfillFailedException {
        try {
            return read(backfill, watched);
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return null;
            }
            if (QUERY_CANCELED.equals(e.getSQLState()) && rows > 1) {
                rows = Math.max(1, rows / 8);
                return null;
            }
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            if (state.startsWith("40")) {
                return null;
            }
            if (state.isEmpty() || state.startsWith("08") || state.startsWith("53") || state.startsWith("57P")) {
                throw e;
            }
            throw new BackfillFailedException(Failure.of(e).message());
        }
    }

    private KeyOrder orderOf(WatchedTable watched) throws SQLException, BackfillFailedException {
        KeyOrder known = knownOrder;
        if (table == watched && known != null) {
            return known;
        }
        KeyOrder order = KeyOrder.read(connection, watched);
        knownOrder = order;
        table = watched;
        rows = Math.min(FIRST_ROWS, mostRows);
        return order;
    }

    private Chunk read(Backfill backfill, WatchedTable watched) throws SQLException, BackfillFailedException {
        KeyOrder order = orderOf(watched);
        if (backfill.key() != null && !backfill.key().equals(order.signature())) {
            throw changed();
        }
        ChunkQuery query;
        try {
            Condition condition = backfill.condition() == null ? null : Condition.parse(backfill.condition());
            query = new ChunkQuery(names, watched, order, condition, callsFunctions);
        } catch (IllegalArgumentException e) {
            throw new BackfillFailedException("The condition is not valid: " + e.getMessage());
        }
        int limit = rows;
        try (Statement statement = connection.createStatement()) {
            // JDBC would interpret braces and question marks.
            statement.setEscapeProcessing(false);
            try {
                statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
                statement.execute("PREPARE " + STATEMENT + " AS " + query.text(backfill.last(), limit));
                long begun = System.nanoTime();
                Chunk empty = check(statement, watched, order);
                Chunk chunk = filled(
                        statement,
                        empty,
                        limit,
                        order.size(),
                        watched.entry().filteredWatchers().isEmpty());
                adapt(System.nanoTime() - begun, chunk);
                return chunk;
            } catch (SQLException e) {
                if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                    throw lacking(query, watched, e);
                }
                throw e;
            } finally {
                statement.execute("ROLLBACK");
                statement.execute("DEALLOCATE ALL");
            }
        }
    }

    private Chunk check(Statement statement, WatchedTable watched, KeyOrder order)
            throws SQLException, BackfillFailedException {
        long oid = watched.shape().oid();
        String name = SqlText.identifier(
                watched.shape().name().schema(), watched.shape().name().table());
        // Under the lock, which the table's owner needs for a change of the key.
        if (!KeyOrder.read(connection, watched).signature().equals(order.signature())) {
            throw changed();
        }
        try (ResultSet row = statement.executeQuery(CHECK.formatted(oid, SqlText.literal(name)))) {
            row.next();
            if (!row.getBoolean(3)) {
                throw changed();
            }
            if (row.getBoolean(4)) {
                throw new BackfillFailedException("Table " + watched.shape().name()
                        + " has partitions that are foreign tables. Such a table cannot be backfilled.");
            }
            if (row.getString(5) != null) {
                throw new BackfillFailedException(
                        "An index or extended statistics of " + watched.shape().name()
                                + " use " + row.getString(5) + ", which a role owns that is neither a superuser nor the"
                                + " connector's. Reading the table could run code of that role with the connector's rights."
                                + " Let a superuser own it, or drop the index or statistics.");
            }
            return new Chunk(row.getString(1), row.getLong(2), order.signature(), List.of(), false);
        }
    }

    /** @param all whether the rows are for all watchers; otherwise an entry begins with a number that says for which */
    private Chunk filled(Statement statement, Chunk empty, int limit, int keys, boolean all) throws SQLException {
        List<Chunk.Row> found = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("EXECUTE " + STATEMENT)) {
            while (row.next()) {
                List<String> key = new ArrayList<>(keys);
                for (int i = 0; i < keys; i++) {
                    key.add(row.getString(2 + i));
                }
                String entry = row.getString(1);
                boolean forNone = !all && entry != null && entry.startsWith("[0,");
                found.add(new Chunk.Row(forNone ? null : entry, List.copyOf(key)));
            }
        }
        return new Chunk(empty.snapshot(), empty.at(), empty.key(), found, found.size() < limit);
    }

    /** The number of rows for the next chunk. */
    private void adapt(long took, Chunk chunk) {
        if (chunk.last()) {
            return;
        }
        long characters = chunk.rows().stream()
                .mapToLong(row -> row.entry() == null ? 0 : row.entry().length())
                .sum();
        double better = Math.min((double) GOAL_NS / took, (double) MOST_CHARACTERS / Math.max(1, characters));
        rows = (int) Math.max(1, Math.min(mostRows, rows * Math.max(0.2, Math.min(4, better))));
    }

    private BackfillFailedException changed() {
        table = null;
        knownOrder = null;
        return new BackfillFailedException("The table was dropped or replaced, or its primary key was changed."
                + " Start another backfill, if the table still exists.");
    }

    /** PostgreSQL names only the table. */
    private static BackfillFailedException lacking(ChunkQuery query, WatchedTable watched, SQLException e) {
        Set<String> columns = new TreeSet<>();
        query.read().stream().map(Column::name).map(SqlText::identifier).forEach(columns::add);
        String table = SqlText.identifier(
                watched.shape().name().schema(), watched.shape().name().table());
        return new BackfillFailedException("The connector's role is missing a privilege ("
                + String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst("^[A-Z]+: +", "")
                + "). Run: GRANT SELECT (" + String.join(", ", columns) + ") ON " + table + " TO the role."
                + " If the table has row level security that applies to the role, it cannot be backfilled."
                + " Then start another backfill.");
    }
}
