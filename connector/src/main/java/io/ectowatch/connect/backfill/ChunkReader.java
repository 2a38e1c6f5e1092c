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
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of watched tables chunk by chunk, in a session of its own. Each chunk is one short transaction, which is
 * read-only and is always rolled back.
 *
 * <p>No code of a table's owner may run with the connector's rights. The query is prepared first: that analyses it, which locks the table, but
 * neither plans nor runs it. Then {@link ChunkGuard} checks the catalogs. Only then it runs. Row level security is off in
 * each session of the connector: a policy that would apply is an error.
 */
final class ChunkReader {

    private static final String STATEMENT = "ectowatch_chunk";

    /** No snapshot is held longer than this. */
    private static final int MOST_MS = 900;

    /** How long to wait for a table that is being altered. */
    private static final int LOCK_MS = 50;

    static final int MOST_ROWS = 20_000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String QUERY_CANCELED = "57014";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String UNDEFINED_FUNCTION = "42883";

    private final Connection connection;
    private final ObjectNames names;
    private final ReadAccess access;

    /** For which table and key the order is known. */
    private @Nullable WatchedTable table;

    private @Nullable KeyOrder knownOrder;
    private @Nullable ChunkGuard knownGuard;
    /** Whose statements are prepared in the session; null for none. */
    private @Nullable ChunkGuard preparedGuard;

    private final ChunkSize size;

    ChunkReader(Connection connection, ObjectNames names, ReadAccess access) throws SQLException {
        this(connection, names, access, MOST_ROWS);
    }

    /**
     * @param connection a new session, for this alone
     * @param access how the rows are read
     * @param mostRows how many rows a chunk has at most
     */
    ChunkReader(Connection connection, ObjectNames names, ReadAccess access, int mostRows) throws SQLException {
        this.size = new ChunkSize(mostRows);
        this.connection = connection;
        this.names = names;
        this.access = access;
        StringBuilder settings = new StringBuilder();
        Stream.of(PinnedSettings.VALUES, PlannerSettings.VALUES)
                .flatMap(values -> values.entrySet().stream())
                .forEach(setting -> settings.append("SET ")
                        .append(setting.getKey())
                        .append(" = ")
                        .append(SqlText.literal(setting.getValue()))
                        .append("; "));
        try (Statement statement = connection.createStatement()) {
            statement.execute(settings + "SET search_path = pg_catalog, pg_temp; SET lock_timeout = " + LOCK_MS
                    + "; SET statement_timeout = " + MOST_MS);
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
    Chunk next(Backfill backfill, WatchedTable watched, ChunkLimits limits)
            throws SQLException, BackfillFailedException {
        try {
            return read(backfill, watched, limits);
        } catch (BackfillFailedException e) {
            table = null; // the next backfill reads the order of the key again
            throw e;
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return null;
            }
            if (QUERY_CANCELED.equals(e.getSQLState())) {
                if (size.canceled()) {
                    return null;
                }
                throw new BackfillFailedException("One row could not be read within " + MOST_MS + " ms, in "
                        + ChunkSize.ATTEMPTS
                        + " attempts. Simplify the condition, or wait until the server is less busy."
                        + " Then start another backfill.");
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
        size.begin();
        return order;
    }

    private ChunkGuard guardOf(WatchedTable watched, KeyOrder order, ReadAccess reading) {
        ChunkGuard guard = knownGuard;
        if (guard == null || !guard.isFor(watched, order, reading)) {
            guard = new ChunkGuard(connection, watched, order, reading);
            knownGuard = guard;
        }
        return guard;
    }

    private @Nullable Chunk read(Backfill backfill, WatchedTable watched, ChunkLimits limits)
            throws SQLException, BackfillFailedException {
        KeyOrder order = orderOf(watched);
        if (backfill.key() != null && !backfill.key().equals(order.signature())) {
            throw ChunkGuard.changed();
        }
        ReadAccess reading = access.of(backfill);
        ChunkGuard guard = guardOf(watched, order, reading);
        boolean clean = false;
        ChunkQuery query;
        try {
            Condition condition = backfill.condition() == null ? null : Condition.parse(backfill.condition());
            query = new ChunkQuery(names, watched, order, condition, reading == ReadAccess.OWN);
        } catch (IllegalArgumentException e) {
            throw new BackfillFailedException("The condition is not valid: " + e.getMessage());
        }
        int limit = size.rows(limits);
        try (Statement statement = connection.createStatement()) {
            // JDBC would interpret braces and question marks.
            statement.setEscapeProcessing(false);
            if (guard != preparedGuard) {
                statement.execute("DEALLOCATE ALL");
                guard.forget();
            }
            try {
                statement.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; PREPARE " + STATEMENT + " AS "
                        + (reading == ReadAccess.FUNCTIONS
                                ? ReadFunction.call(names, watched, order.size(), backfill.last(), limit)
                                : query.text(backfill.last(), limit)));
                guard.lock(statement);
                long at = guard.check(statement);
                if (at < 0) {
                    return null;
                }
                long begun = System.nanoTime();
                Chunk chunk = filled(
                        statement,
                        at,
                        order,
                        limit,
                        watched.entry().filteredWatchers().isEmpty());
                if (!chunk.last()) {
                    size.read(limit, System.nanoTime() - begun, characters(chunk), limits);
                }
                clean = reading == ReadAccess.OWN;
                return chunk;
            } catch (SQLException e) {
                if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                    throw reading == ReadAccess.FUNCTIONS ? withoutFunction(watched, e) : lacking(query, watched, e);
                }
                if (UNDEFINED_FUNCTION.equals(e.getSQLState()) && reading == ReadAccess.FUNCTIONS) {
                    throw withoutFunction(watched, e);
                }
                throw e;
            } finally {
                preparedGuard = clean ? guard : null;
                // Unless the check was successful, and the role itself read, code of the table's owner may have run:
                // nothing of what it could leave in the session stays.
                statement.execute(
                        clean
                                ? "ROLLBACK; " + guard.unlock() + "DEALLOCATE " + STATEMENT
                                : "ROLLBACK; DEALLOCATE ALL; SELECT pg_catalog.pg_advisory_unlock_all()");
            }
        }
    }

    /** @param all whether the rows are for all watchers; otherwise an entry begins with a number that says for which */
    private static Chunk filled(Statement statement, long at, KeyOrder order, int limit, boolean all)
            throws SQLException {
        List<Chunk.Row> found = new ArrayList<>();
        String snapshot = null;
        try (ResultSet row = statement.executeQuery("EXECUTE " + STATEMENT)) {
            while (row.next()) {
                if (row.getString(2) == null) {
                    snapshot = row.getString(1); // no row of a table has a key that is null
                    continue;
                }
                List<String> key = new ArrayList<>(order.size());
                for (int i = 0; i < order.size(); i++) {
                    key.add(row.getString(2 + i));
                }
                String entry = row.getString(1);
                boolean forNone = !all && entry != null && entry.startsWith(ChunkQuery.FOR_NONE);
                found.add(new Chunk.Row(forNone ? null : entry, List.copyOf(key)));
            }
        }
        return new Chunk(
                Objects.requireNonNull(snapshot, "snapshot"), at, order.signature(), found, found.size() < limit);
    }

    private static long characters(Chunk chunk) {
        return chunk.rows().stream()
                .mapToLong(row -> row.entry() == null ? 0 : row.entry().length())
                .sum();
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst("^[A-Z]+: +", "");
    }

    private static BackfillFailedException withoutFunction(WatchedTable watched, SQLException e) {
        return new BackfillFailedException(
                "The function that reads " + watched.shape().name() + " cannot be used ("
                        + firstLine(e) + "). It runs with the rights of role "
                        + watched.shape().owner() + ", which owns the table. Run the SQL of install.mode=print again."
                        + " Then start another backfill.");
    }

    /** PostgreSQL names only the table. */
    private static BackfillFailedException lacking(ChunkQuery query, WatchedTable watched, SQLException e) {
        Set<String> columns = new TreeSet<>();
        query.read().stream().map(Column::name).map(SqlText::identifier).forEach(columns::add);
        String table = SqlText.identifier(
                watched.shape().name().schema(), watched.shape().name().table());
        return new BackfillFailedException("The connector's role is missing a privilege ("
                + firstLine(e)
                + "). Run: GRANT SELECT (" + String.join(", ", columns) + ") ON " + table + " TO the role."
                + " If the table has row level security that applies to the role, it cannot be backfilled."
                + " Then start another backfill.");
    }
}
