package io.ectowatch.connect.record;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says that the connector works, and up to where all changes have been delivered.
 *
 * @param at when it was made, in milliseconds since 1970
 * @param resolved up to where all changes have been delivered, or null if that is not known
 * @param partition the source partition, or null if the source cannot resume
 * @param offset the source offset, or null
 */
public record Heartbeat(
        long at,
        @Nullable Resolved resolved,
        @Nullable Map<String, ?> partition,
        @Nullable Map<String, ?> offset) {

    /**
     * Every change that is older has been delivered: none that is delivered later, unless it was delivered before, has an
     * earlier time or a lower LSN.
     *
     * @param at by the database's clock, in milliseconds since 1970
     * @param lsn the WAL position, as in the IDs of changes
     */
    public record Resolved(long at, long lsn) {}
}
