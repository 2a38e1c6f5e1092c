package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.record.Heartbeat.Resolved;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the reader's thread gives to the task: rows of the journal, an announcement, or what a backfill has read. */
public sealed interface JournalPage {

    /** The position in the journal at which it begins. */
    JournalPosition after();

    /** Where a reader continues after it. */
    JournalPosition end();

    /**
     * An LSN at which a standby shows what the page contains, see {@link
     * io.ectowatch.connect.journal.state.ReadState#visibleAt}; it may differ when the page is read again.
     */
    long visibleAt();

    /** The approximate memory it needs, in bytes. */
    long bytes();

    /**
     * Journal rows of one cut, in order.
     *
     * @param after the cut, and the change up to which its first row was read before
     * @param rows may be empty
     * @param begins whether it is the first page of its cut
     * @param ends whether it is the last page of its cut
     */
    record Rows(JournalPosition after, List<JournalRow> rows, boolean begins, boolean ends, long visibleAt)
            implements JournalPage {

        public Rows {
            rows = List.copyOf(rows);
        }

        /** The same page with another description of its cut. */
        Rows in(XidSnapshot from, XidSnapshot to, long losses) {
            return new Rows(after.in(from, to, losses), rows, begins, ends, visibleAt);
        }

        /** The same page with these backfills. */
        Rows with(Backfills now) {
            return new Rows(after.with(now), rows, begins, ends, visibleAt);
        }

        @Override
        public JournalPosition end() {
            if (rows.isEmpty()) {
                return after;
            }
            JournalRow last = rows.get(rows.size() - 1);
            return after.afterRow(last.lsn(), last.transactionId());
        }

        @Override
        public long bytes() {
            return rows.stream().mapToLong(row -> 128L + 2L * row.length()).sum();
        }
    }

    /**
     * What a backfill has read.
     *
     * @param after the position before the first row, in the cut whose snapshot the rows were read in
     * @param end the position after it
     * @param part what was read
     */
    record Read(JournalPosition after, JournalPosition end, BackfillPart part, long visibleAt) implements JournalPage {

        @Override
        public long bytes() {
            return part.bytes();
        }
    }

    /**
     * A heartbeat, which is published when Kafka has acknowledged everything before it.
     *
     * @param after the position at which it is made
     * @param at when it was made, in milliseconds since 1970
     * @param resolved up to where all changes precede it, or null
     */
    record Beat(JournalPosition after, long at, @Nullable Resolved resolved) implements JournalPage {

        @Override
        public JournalPosition end() {
            return after;
        }

        @Override
        public long visibleAt() {
            return 0;
        }

        @Override
        public long bytes() {
            return 0;
        }
    }

    /**
     * An announcement that every table has to be read again.
     *
     * @param after the end of the page before it
     * @param reason the reason, for the log
     * @param losses the last loss that is announced completely after it
     */
    record Gap(JournalPosition after, String reason, long losses, long visibleAt) implements JournalPage {

        @Override
        public JournalPosition end() {
            return after.in(after.from(), after.to(), losses);
        }

        @Override
        public long bytes() {
            return 0;
        }
    }
}
