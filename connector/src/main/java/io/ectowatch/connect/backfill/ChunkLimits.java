package io.ectowatch.connect.backfill;

/**
 * How large the next chunk may be.
 *
 * @param rows how many rows it has at most
 * @param nanoseconds about how long its query may take
 */
public record ChunkLimits(int rows, long nanoseconds) {

    /** If nothing waits for it. */
    public static final ChunkLimits ALONE = new ChunkLimits(Integer.MAX_VALUE, 20_000_000);
}
