package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.postgres.XidSnapshot;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How far the journal has been read: everything that {@code from} sees, and of the rows that {@code to} sees beyond
 * it, which never change, everything up to one change.
 *
 * @param history the database's identity and timeline, as in {@link JournalSession#history()}, and optionally a part
 *     that distinguishes it from an earlier one: in another database the numbers have another meaning
 * @param from the cut that was read completely
 * @param to the cut that is being read
 * @param lsn the LSN of the journal row of the last change that was read; 0 for none
 * @param transaction the transaction of that row, since several rows may have the same LSN
 * @param index the place of that change in its row
 * @param losses the last loss that was announced completely, as the time of the loss
 * @param backfills the backfills that have not ended
 */
public record JournalPosition(
        String history,
        XidSnapshot from,
        XidSnapshot to,
        long lsn,
        long transaction,
        long index,
        long losses,
        Backfills backfills) {

    public static final long VERSION = 1;

    /** A position without backfills. */
    public JournalPosition(
            String history, XidSnapshot from, XidSnapshot to, long lsn, long transaction, long index, long losses) {
        this(history, from, to, lsn, transaction, index, losses, Backfills.NONE);
    }

    public JournalPosition {
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
    }

    /** Whether this position is at or after {@code other}. */
    public boolean reaches(JournalPosition other) {
        if (from.equals(other.from) && to.equals(other.to)) {
            return Comparator.comparingLong(JournalPosition::lsn)
                            .thenComparingLong(JournalPosition::transaction)
                            .thenComparingLong(JournalPosition::index)
                            .compare(this, other)
                    >= 0;
        }
        return from.includes(other.to);
    }

    /** Before everything in the journal. */
    public static JournalPosition beginning(String history, long losses) {
        return new JournalPosition(
                history, XidSnapshot.BEFORE_EVERYTHING, XidSnapshot.BEFORE_EVERYTHING, 0, 0, 0, losses);
    }

    /** Whether it belongs to a database of that identity and timeline. */
    public boolean isOf(String database) {
        return (history + "/").startsWith(database + "/");
    }

    /** The same place in another description of its cut. */
    public JournalPosition in(XidSnapshot newFrom, XidSnapshot newTo, long newLosses) {
        return new JournalPosition(history, newFrom, newTo, lsn, transaction, index, newLosses, backfills);
    }

    /** The place of a change in the same cut. */
    public JournalPosition at(long rowLsn, long rowTransaction, long changeIndex) {
        return new JournalPosition(history, from, to, rowLsn, rowTransaction, changeIndex, losses, backfills);
    }

    /** The same place with these backfills. */
    public JournalPosition with(Backfills now) {
        return new JournalPosition(history, from, to, lsn, transaction, index, losses, now);
    }

    /** After a whole row of the same cut. */
    public JournalPosition afterRow(long rowLsn, long rowTransaction) {
        return at(rowLsn, rowTransaction, Long.MAX_VALUE);
    }

    /** After the whole row. */
    public JournalPosition afterRow() {
        return afterRow(lsn, transaction);
    }

    /** Whether nothing of the row remains. */
    public boolean isAfterRow() {
        return index == Long.MAX_VALUE;
    }

    /** The form that Connect stores. */
    public Map<String, Object> toOffset() {
        Map<String, Object> fields = new HashMap<>(Map.of(
                "version", VERSION,
                "history", history,
                "from", from.toString(),
                "to", to.toString(),
                "lsn", lsn,
                "transaction", transaction,
                "index", index,
                "losses", losses));
        if (!backfills.isEmpty()) {
            fields.put(Backfills.FIELD, backfills.toString());
        }
        return fields;
    }

    /**
     * Reads the form that Connect stores.
     *
     * @throws IllegalArgumentException if it is not such an offset, with the reason
     */
    public static JournalPosition fromOffset(Map<String, ?> offset) {
        if (!Objects.equals(number(offset, "version"), VERSION)) {
            throw new IllegalArgumentException("its version is not " + VERSION);
        }
        return new JournalPosition(
                text(offset, "history"),
                XidSnapshot.parse(text(offset, "from")),
                XidSnapshot.parse(text(offset, "to")),
                number(offset, "lsn"),
                number(offset, "transaction"),
                number(offset, "index"),
                number(offset, "losses"),
                Backfills.ofOffset(offset));
    }

    private static long number(Map<String, ?> offset, String field) {
        if (offset.get(field) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalArgumentException("it has no number in the field " + field);
    }

    private static String text(Map<String, ?> offset, String field) {
        if (offset.get(field) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("it has no text in the field " + field);
    }
}
