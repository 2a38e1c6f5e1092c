package io.ectowatch.connect.journal;

import io.ectowatch.connect.journal.read.JournalPage;

/** Where cuts of the journal end among the changes of a poll: no transaction of the database has changes on both sides. */
final class CutEnds {

    private static final int NONE = -1;

    /** The last one among the changes that the poll returns. */
    private int last = NONE;
    /** The last one behind them: the next poll returns it, or a later one. */
    private int beyond = 0;
    /** Whether a cut ends with the page that is being processed. */
    private boolean atLastPage = true;

    /** A poll begins, which returns so many changes at most. */
    void begin(int atMost) {
        int carried = beyond;
        last = NONE;
        beyond = NONE;
        if (carried != NONE) {
            reached(carried, atMost);
        }
    }

    /** A page is processed. Only rows can be followed by more of their cut, and after a failover they are not. */
    void page(JournalPage page) {
        atLastPage = !(page instanceof JournalPage.Rows rows) || rows.ends();
    }

    /** All of the page is processed: so many changes. */
    void processed(int count, int atMost) {
        if (atLastPage) {
            reached(count, atMost);
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
