package io.ectowatch.connect.backfill;

/** Decides how many rows the next chunk has. */
final class ChunkSize {

    /** How often in a row a read may be canceled before the backfill ends. */
    static final int ATTEMPTS = 30;

    private static final int FIRST = 200;

    /**
     * A slow chunk does not make the next one smaller than this. What each chunk costs, however few its rows, takes long on a
     * busy server, and more chunks would only add to it.
     */
    private static final int LEAST = 50;

    /** Twice as many rows as were read within this time can be read before the server cancels the read. */
    private static final long LONG_NS = 300_000_000;

    /** The texts of a chunk should not be larger than this. */
    private static final long MOST_CHARACTERS = 2L << 20;

    private final int most;
    private int rows;
    private int canceled;

    /** @param most how many rows a chunk has at most */
    ChunkSize(int most) {
        this.most = most;
        begin();
    }

    /** Begins with another table. */
    void begin() {
        rows = Math.min(FIRST, most);
        canceled = 0;
    }

    /** How many rows the next chunk may have. */
    int rows(ChunkLimits limits) {
        return Math.min(rows, limits.rows());
    }

    /** A chunk was read that has as many rows as it may have. */
    void read(int count, long tookNs, long characters, ChunkLimits limits) {
        canceled = 0;
        double inTime = atMostFourTimes(
                count,
                (double) limits.nanoseconds() / Math.max(1, tookNs),
                Math.min(LEAST, tookNs < LONG_NS ? 2 * count : count));
        double inSize = atMostFourTimes(count, (double) MOST_CHARACTERS / Math.max(1, characters), 1);
        rows = (int) Math.max(1, Math.min(most, Math.min(inTime, inSize)));
    }

    private static double atMostFourTimes(int count, double better, int least) {
        return Math.max(least, count * Math.max(0.2, Math.min(4, better)));
    }

    /**
     * The server has canceled a read: it took too long.
     *
     * @return whether to try again
     */
    boolean canceled() {
        rows = Math.max(1, rows / 8);
        canceled++;
        return canceled < ATTEMPTS;
    }
}
