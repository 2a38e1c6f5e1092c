package io.ectowatch.connect.postgres;

/** SQL that describes which session or prepared transaction holds a lock, so that an operator finds it. */
public final class LockHolders {

    /**
     * The joins that {@link #DESCRIPTION} needs, next to {@code pg_locks AS l}. A prepared transaction keeps the virtual
     * ID of its session. It always holds the lock on its transaction ID.
     */
    public static final String JOINS = """
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN (
                SELECT x.virtualtransaction AS prepared_as, t.gid, t.owner, t.prepared
                FROM pg_prepared_xacts AS t
                JOIN pg_locks AS x ON x.locktype = 'transactionid' AND x.transactionid = t.transaction AND x.pid IS NULL
            ) AS p ON l.pid IS NULL AND p.prepared_as = l.virtualtransaction
            """;

    /**
     * An SQL expression. Only superusers, members of {@code pg_read_all_stats} and the session's own role see when a
     * transaction or session began.
     */
    public static final String DESCRIPTION = """
            CASE WHEN l.pid IS NULL
                 THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                             || date_trunc('seconds', p.prepared))
                 ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                             ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)),
                             ', from ' || host(a.client_addr))
            END""";

    private LockHolders() {}
}
