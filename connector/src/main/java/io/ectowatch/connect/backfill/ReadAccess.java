package io.ectowatch.connect.backfill;

/** How the rows of the watched tables are read. */
public enum ReadAccess {
    /** By the connector's role, which also owns the functions of the watchers' conditions. */
    OWN,
    /** By the connector's role, which cannot call these functions. */
    GRANTED,
    /** By a {@link ReadFunction} of each table. A backfill with a condition is read as with {@link #GRANTED}. */
    FUNCTIONS;

    /** How a backfill is read. */
    ReadAccess of(Backfill backfill) {
        return this == FUNCTIONS && backfill.condition() != null ? GRANTED : this;
    }
}
