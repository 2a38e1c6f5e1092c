package io.ectowatch.connect.journal;

/** Where cuts of the journal end among the changes of a poll: no transaction of the database has changes on both sides. */
final class CutEnds {

    private static final int NONE = -1;

    /** The last one among the changes that the poll returns. */
    private int last = NONE;
    /** The last one behind them: the next poll returns it, or a later one. */
    private int beyond = 0;

    /** A poll begins, which returns so many changes at most. */
    void begin(int atMost) {
        int carried = beyond;
        last = NONE;
        beyond = NONE;
        if (carried != NONE) {
            reached(carried, atMost);
        }
    }

    /** A cut ends after so many changes. */
    void reached(int count, int atMost) {
        if (count <= atMost) {
            last = count;
        } else {
            beyond = count;
        }
    }

    /** The poll returns so many changes. */
    void returned(int count) {
        if (beyond != NONE) {
            beyond -= count;
        } else if (last == count) {
            beyond = 0;
        }
    }

    /** How many changes are before the last end; -1 if no cut ends among the changes. */
    int last() {
        return last;
    }
}
