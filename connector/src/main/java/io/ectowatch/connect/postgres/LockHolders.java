package io.ectowatch.connect.postgres;

/** Says who holds a lock, so that an operator finds the session. */
public final class LockHolders {

    /** What {@link #DESCRIPTION} needs beside {@code pg_locks AS l}. */
    public static final String JOINS = """
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN pg_prepared_xacts AS p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || p.transaction
            """;

    /**
     * An SQL expression. When the transaction or the session began is visible to a superuser, to a member of
     * {@code pg_read_all_stats} and to the session's own role.
     */
    public static final String DESCRIPTION = """
            CASE WHEN l.pid IS NULL
                 THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                             || date_trunc('seconds', p.prepared))
                 ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                             ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)))
            END""";

    private LockHolders() {}
}
