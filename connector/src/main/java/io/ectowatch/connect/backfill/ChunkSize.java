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

    /** A chunk should take about so long. */
    private static final long GOAL_NS = 20_000_000;

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

    int rows() {
        return rows;
    }

    /** A chunk was read that has as many rows as it may have. */
    void read(long tookNs, long characters) {
        canceled = 0;
        double inTime = atMostFourTimes((double) GOAL_NS / Math.max(1, tookNs), Math.min(LEAST, rows));
        double inSize = atMostFourTimes((double) MOST_CHARACTERS / Math.max(1, characters), 1);
        rows = (int) Math.max(1, Math.min(most, Math.min(inTime, inSize)));
    }

    private double atMostFourTimes(double better, int least) {
        return Math.max(least, rows * Math.max(0.2, Math.min(4, better)));
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
