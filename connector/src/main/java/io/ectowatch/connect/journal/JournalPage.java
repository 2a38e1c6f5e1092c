package io.ectowatch.connect.journal;

import java.util.List;

/**
 * Journal rows in their order, all of one cut.
 *
 * @param history what the numbers belong to: see {@link JournalPosition}
 * @param from the cut before
 * @param to the cut they belong to
 * @param rows may be empty
 * @param skipSeq the row of which a part has been taken before; 0 for none
 * @param skipTransaction and its transaction
 * @param skipIndex the last change of that row that has been taken
 * @param gap why every table has to be read again, or null
 * @param begins whether it is the first page of its cut
 * @param ends whether it is the last one
 * @param lossesBefore which loss had been announced to the end before this page
 * @param losses and which one has been once this page is delivered
 */
record JournalPage(
        String history,
        Snapshot from,
        Snapshot to,
        List<JournalRow> rows,
        long skipSeq,
        long skipTransaction,
        long skipIndex,
        boolean begins,
        boolean ends,
        String gap,
        long lossesBefore,
        long losses) {

    JournalPage {
        rows = List.copyOf(rows);
    }

    /** The same page of a cut that is described otherwise. */
    JournalPage cut(Snapshot durableFrom, Snapshot durableTo, long lossesNow) {
        return new JournalPage(
                history,
                durableFrom,
                durableTo,
                rows,
                skipSeq,
                skipTransaction,
                skipIndex,
                begins,
                ends,
                gap,
                lossesNow,
                lossesNow);
    }

    /** What the page says beside its rows. */
    JournalPage withoutRows() {
        return new JournalPage(
                history,
                from,
                to,
                List.of(),
                skipSeq,
                skipTransaction,
                skipIndex,
                begins,
                ends,
                gap,
                lossesBefore,
                losses);
    }

    /** Says that every table has to be read again, at the place where the page before it ended. */
    static JournalPage gap(JournalPosition after, String reason, long losses) {
        return new JournalPage(
                after.history(),
                after.from(),
                after.to(),
                List.of(),
                after.seq(),
                after.transaction(),
                after.index(),
                true,
                true,
                reason,
                after.losses(),
                losses);
    }

    /** Where a reader goes on after this page. */
    JournalPosition end() {
        if (rows.isEmpty()) {
            return new JournalPosition(history, from, to, skipSeq, skipTransaction, skipIndex, losses);
        }
        JournalRow last = rows.get(rows.size() - 1);
        return new JournalPosition(history, from, to, last.seq(), last.transactionId(), Long.MAX_VALUE, losses);
    }

    /** Roughly the memory it takes, in bytes. */
    long bytes() {
        return rows.stream().mapToLong(row -> 128L + 2L * row.length()).sum();
    }
}
