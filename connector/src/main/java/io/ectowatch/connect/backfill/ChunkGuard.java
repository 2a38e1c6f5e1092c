package io.ectowatch.connect.backfill;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Ensures that no code of a table's owner runs while its rows are read: the planner evaluates expressions of indexes and of
 * extended statistics.
 *
 * <p>The table is locked before the catalogs are read, so they are read as they will be planned with. A lock that a snapshot
 * precedes would be worse than none: the owner could commit changes in between, and a table that was rewritten meanwhile
 * looks empty to the snapshot. So the transaction is READ COMMITTED: each statement has a snapshot of its own.
 *
 * <p>A {@link ReadFunction} reads with the rights of the table's owner, so code of that role gains none. Then only code of
 * further roles must not run.
 *
 * <p>Analysing a DELETE takes the lock of a writer, and needs no privilege as long as it does not run. Under that lock nobody
 * can create an index, except concurrently: PostgreSQL does not use such an index before all transactions have ended that
 * began without it.
 *
 * <p>One guard is for one session: what it has proved holds for the session's cache of the catalogs.
 */
final class ChunkGuard {

    /**
     * When it was read, and whether the table is still the same; and what must not run: the function or operator of an index or
     * of extended statistics, or a domain in them, of another role. Objects of the system have no entries in pg_depend.
     */
    private static final String CHECK = """
            WITH RECURSIVE tree (oid) AS (
                %3$s
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
            SELECT (pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()) * 1000)::pg_catalog.int8,
                   pg_catalog.to_regclass(%2$s)::pg_catalog.oid = %1$s AND c.relkind IN ('r', 'p') AS same,
                   EXISTS (SELECT FROM tree AS t JOIN pg_catalog.pg_class AS r ON r.oid = t.oid
                           WHERE r.relkind NOT IN ('r', 'p')) AS foreign_parts,
                   (SELECT min(u.what) FROM used AS u JOIN pg_catalog.pg_roles AS r ON r.oid = u.owner
                    WHERE NOT r.rolsuper AND r.rolname <> %4$s) AS stranger,
                   %5$s AS named,
                   (SELECT min(r.oid::pg_catalog.regclass::pg_catalog.text)
                    FROM tree AS t JOIN pg_catalog.pg_class AS r ON r.oid = t.oid
                    JOIN pg_catalog.pg_roles AS o ON o.oid = r.relowner
                    WHERE NOT o.rolsuper AND o.rolname <> %4$s) AS of_another_owner
            FROM (SELECT) AS here LEFT JOIN pg_catalog.pg_class AS c ON c.oid = %1$s
            """;

    /**
     * Which tables have the names, and in which versions of the catalogs' rows. While that stays the same, no table or schema
     * was renamed, not even for a moment.
     */
    private static final String NAMED = """
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', t.oid, r.xmin, n.oid, n.xmin), ',' ORDER BY t.oid)
             FROM tree AS t JOIN pg_catalog.pg_class AS r ON r.oid = t.oid
             JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace)""";

    /** Whether these tables are locked, and the prepared query reads the first of them. */
    private static final String LOCKED = """
            WITH RECURSIVE tree (oid) AS (
                %3$s
            ), locked (oid, mode) AS MATERIALIZED (
                SELECT l.relation, l.mode FROM pg_catalog.pg_locks AS l
                WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
            )
            SELECT %2$s AS named,
                   NOT EXISTS (SELECT FROM tree AS t WHERE t.oid NOT IN (
                       SELECT l.oid FROM locked AS l WHERE l.mode = 'RowExclusiveLock')) AS all_locked,
                   EXISTS (SELECT FROM locked AS l WHERE l.oid = %1$s AND l.mode = 'AccessShareLock') AS analysed
            """;

    private static final String ALONE = "SELECT %1$s::pg_catalog.oid";

    /** With partitions, but not with children of an inheritance tree. */
    private static final String TREE = """
            SELECT %1$s::pg_catalog.oid
                UNION
                SELECT i.inhrelid FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
                WHERE (SELECT c.relkind FROM pg_catalog.pg_class AS c WHERE c.oid = i.inhparent) = 'p'""";

    private static final String NAMES = """
            WITH RECURSIVE tree (oid) AS (%s)
            SELECT n.nspname, c.relname
            FROM tree AS t
            JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            ORDER BY t.oid
            """;

    private static final String KEY_STATEMENT = "ectowatch_key";
    private static final String CHECK_STATEMENT = "ectowatch_check";
    private static final String LOCK_STATEMENT = "ectowatch_lock_";

    private final Connection connection;
    private final WatchedTable table;
    private final KeyOrder order;
    private final boolean byFunction;
    private final String name;
    private final String tree;
    private final String check;
    private final String locked;

    /** What {@link #NAMED} was when the names led to the right tables; null before. */
    private @Nullable String proved;

    /** Whether the session has the statements that check. */
    private boolean prepared;
    /** How many statements lock. */
    private int locks;

    /**
     * @param order how the rows are to be read
     * @param access by whom
     */
    ChunkGuard(Connection connection, WatchedTable table, KeyOrder order, ReadAccess access) {
        byFunction = access == ReadAccess.FUNCTIONS;
        this.connection = connection;
        this.table = table;
        this.order = order;
        long oid = table.shape().oid();
        name = SqlText.identifier(
                table.shape().name().schema(), table.shape().name().table());
        tree = (order.partitioned() ? TREE : ALONE).formatted(oid);
        String reader = byFunction ? SqlText.literal(table.shape().owner()) : "current_user";
        check = CHECK.formatted(oid, SqlText.literal(name), tree, reader, NAMED);
        locked = LOCKED.formatted(oid, NAMED, tree);
    }

    /** Whether it is the one for these. */
    boolean isFor(WatchedTable otherTable, KeyOrder otherOrder, ReadAccess access) {
        return table == otherTable && order == otherOrder && byFunction == (access == ReadAccess.FUNCTIONS);
    }

    /** Locks the table and its partitions. */
    void lock(Statement statement) throws SQLException {
        List<String> statements = new ArrayList<>();
        if (byFunction) {
            // The statements do not run. With "off", a policy that applies to this role, not to the function's, is an
            // error.
            statement.execute("SET LOCAL row_security = on");
        }
        if (order.partitioned()) {
            try (ResultSet row = statement.executeQuery(NAMES.formatted(tree))) {
                while (row.next()) {
                    statements.add(lock(SqlText.identifier(row.getString(1), row.getString(2)), statements.size()));
                }
            }
        } else {
            statements.add(lock(name, 0));
        }
        locks = statements.size();
        if (!statements.isEmpty()) {
            statement.execute(String.join("; ", statements));
        }
    }

    private static String lock(String table, int number) {
        return "PREPARE " + LOCK_STATEMENT + number + " AS DELETE FROM ONLY " + table;
    }

    /**
     * Checks the catalogs under the locks.
     *
     * @return when, in milliseconds since 1970; or -1 if the table's partitions have changed since they were locked
     * @throws BackfillFailedException if the table must not be read
     */
    long check(Statement statement) throws SQLException, BackfillFailedException {
        if (!prepared) {
            // To plan them takes ten times as long as to run them.
            statement.execute("PREPARE " + KEY_STATEMENT + " AS " + KeyOrder.query(table) + "; PREPARE "
                    + CHECK_STATEMENT + " AS " + check);
            prepared = true;
        }
        if (!KeyOrder.read(statement, "EXECUTE " + KEY_STATEMENT, table)
                .signature()
                .equals(order.signature())) {
            throw changed();
        }
        try (ResultSet row = statement.executeQuery("EXECUTE " + CHECK_STATEMENT)) {
            row.next();
            if (!row.getBoolean(2)) {
                throw changed();
            }
            if (row.getBoolean(3)) {
                throw new BackfillFailedException("Table " + table.shape().name()
                        + " has partitions that are foreign tables. Such a table cannot be backfilled.");
            }
            if (row.getString(4) != null) {
                throw new BackfillFailedException("An index or extended statistics of "
                        + table.shape().name()
                        + " use " + row.getString(4) + ", which a role owns that is neither a superuser nor the "
                        + reader() + ". Reading the table could run code of that role with the rights of the "
                        + reader() + ". Let a superuser own it, or drop the index or statistics.");
            }
            if (byFunction && row.getString(6) != null) {
                throw new BackfillFailedException("Table " + row.getString(6) + " is not owned by role "
                        + table.shape().owner() + ". With install.mode=verify, the rows of "
                        + table.shape().name()
                        + " are read with the rights of that role, so it or a superuser must own all partitions."
                        + " Change the owner. If the owner of " + table.shape().name()
                        + " has changed, run the SQL of install.mode=print again.");
            }
            return prove(String.valueOf(row.getString(5))) ? row.getLong(1) : -1;
        }
    }

    /**
     * Whether the tables that were locked, by their names, are those that were checked. Reading the locks takes longer the
     * more locks all sessions hold, and delays these. So it is done once: later, the names lead to the same tables as long
     * as the catalogs are the same.
     */
    private boolean prove(String named) throws SQLException {
        if (named.equals(proved)) {
            return true;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(locked)) {
            row.next();
            boolean same = named.equals(row.getString(1));
            proved = same && row.getBoolean(2) && (byFunction || row.getBoolean(3)) ? named : null;
        }
        return proved != null;
    }

    /** Drops the prepared statements that lock, not those that check. */
    String unlock() {
        return IntStream.range(0, locks)
                .mapToObj(number -> "DEALLOCATE " + LOCK_STATEMENT + number + "; ")
                .collect(Collectors.joining());
    }

    /** The session has no prepared statements any more. */
    void forget() {
        prepared = false;
    }

    private String reader() {
        return byFunction ? "table's owner" : "connector's role";
    }

    static BackfillFailedException changed() {
        return new BackfillFailedException("The table was dropped or replaced, or its primary key was changed."
                + " Start another backfill, if the table still exists.");
    }
}
