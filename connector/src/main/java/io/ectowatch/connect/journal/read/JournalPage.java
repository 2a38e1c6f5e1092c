package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.XidSnapshot;
import java.util.List;

/**
 * Journal rows of one cut, in order.
 *
 * @param history the database that the numbers belong to: see {@link JournalPosition}
 * @param from the cut before
 * @param to the cut of the rows
 * @param rows may be empty
 * @param skipSeq the LSN of the row of which a part was read before; 0 for none
 * @param skipTransaction the transaction of that row
 * @param skipIndex the last change of that row that was read
 * @param gap the reason why every table has to be read again, or null
 * @param begins whether it is the first page of its cut
 * @param ends whether it is the last page of its cut
 * @param lossesBefore the last loss that was announced completely before this page
 * @param losses the last loss that is announced completely after this page
 */
public record JournalPage(
        String history,
        XidSnapshot from,
        XidSnapshot to,
        List<JournalRow> rows,
        long skipSeq,
        long skipTransaction,
        long skipIndex,
        boolean begins,
        boolean ends,
        String gap,
        long lossesBefore,
        long losses) {

    public JournalPage {
        rows = List.copyOf(rows);
    }

    /** The same page with another description of its cut. */
    JournalPage cut(XidSnapshot durableFrom, XidSnapshot durableTo, long lossesNow) {
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

    /** The page without its rows. */
    public JournalPage withoutRows() {
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

    /** An announcement that every table has to be read again, at the end of the page before it. */
    public static JournalPage gap(JournalPosition after, String reason, long losses) {
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

    /** Where a reader continues after this page. */
    public JournalPosition end() {
        if (rows.isEmpty()) {
            return new JournalPosition(history, from, to, skipSeq, skipTransaction, skipIndex, losses);
        }
        JournalRow last = rows.get(rows.size() - 1);
        return new JournalPosition(history, from, to, last.seq(), last.transactionId(), Long.MAX_VALUE, losses);
    }

    /** The approximate memory it needs, in bytes. */
    long bytes() {
        return rows.stream().mapToLong(row -> 128L + 2L * row.length()).sum();
    }
}
