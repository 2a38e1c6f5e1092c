package io.ectowatch.connect.catalog;

/** What the catalog knows of a table that makes the order of its changes less certain. The triggers then check more. */
public enum OrderRisk {
    /**
     * The primary key of the table, or of one of its partitions or children, is deferrable: two rows may have the same
     * key until the transaction ends.
     */
    DEFERRABLE_KEY,
    /**
     * A rule of the table, or of a view or other relation through which the table is written, replaces a query by one
     * with a WITH that changes rows. The query that the client sent does not show it.
     */
    RULE,
    /** PostgreSQL does not count changed rows, at least in some sessions: {@code track_counts} is off. */
    UNCOUNTED
}
