package io.ectowatch.connect.journal;

import java.util.Comparator;
import java.util.Map;
import java.util.Objects;

/**
 * How far the journal has been read: everything that {@code from} sees, and of what {@code to} sees beyond it, which
 * never changes, everything up to one change.
 *
 * @param history the database's identity and timeline, as {@link JournalSession#history()} has them, and perhaps what
 *     tells it apart from an earlier one of the same: elsewhere the numbers mean something else
 * @param from the cut that has been taken whole
 * @param to the cut that is being taken
 * @param seq the journal row of the last change taken, by its place in the write-ahead log; 0 for none
 * @param transaction and by its transaction, since several may read the same place
 * @param index that change's place in its row
 * @param losses which loss had been announced, with all that belongs to it
 */
record JournalPosition(
        String history, Snapshot from, Snapshot to, long seq, long transaction, long index, long losses) {

    static final long VERSION = 1;

    JournalPosition {
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
    }

    /** Whether everything up to {@code other} has been taken here. */
    boolean reaches(JournalPosition other) {
        if (from.equals(other.from) && to.equals(other.to)) {
            return Comparator.comparingLong(JournalPosition::seq)
                            .thenComparingLong(JournalPosition::transaction)
                            .thenComparingLong(JournalPosition::index)
                            .compare(this, other)
                    >= 0;
        }
        return from.includes(other.to);
    }

    /** Before everything that the journal has. */
    static JournalPosition beginning(String history, long losses) {
        return new JournalPosition(history, Snapshot.BEFORE_EVERYTHING, Snapshot.BEFORE_EVERYTHING, 0, 0, 0, losses);
    }

    /** Whether it is one of a database of that identity and timeline. */
    boolean isOf(String database) {
        return (history + "/").startsWith(database + "/");
    }

    /** Behind the whole row, whatever it holds. */
    JournalPosition afterRow() {
        return new JournalPosition(history, from, to, seq, transaction, Long.MAX_VALUE, losses);
    }

    /** Whether nothing is left of the row. */
    boolean isAfterRow() {
        return index == Long.MAX_VALUE;
    }

    /** As Connect keeps it. */
    Map<String, Object> toOffset() {
        return Map.of(
                "version", VERSION,
                "history", history,
                "from", from.toString(),
                "to", to.toString(),
                "seq", seq,
                "transaction", transaction,
                "index", index,
                "losses", losses);
    }

    /**
     * From Connect.
     *
     * @throws IllegalArgumentException when it is not such an offset, with what is wrong
     */
    static JournalPosition fromOffset(Map<String, ?> offset) {
        if (!Objects.equals(number(offset, "version"), VERSION)) {
            throw new IllegalArgumentException("its version is not " + VERSION);
        }
        return new JournalPosition(
                text(offset, "history"),
                Snapshot.parse(text(offset, "from")),
                Snapshot.parse(text(offset, "to")),
                number(offset, "seq"),
                number(offset, "transaction"),
                number(offset, "index"),
                number(offset, "losses"));
    }

    private static long number(Map<String, ?> offset, String field) {
        if (offset.get(field) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalArgumentException("it has no number " + field);
    }

    private static String text(Map<String, ?> offset, String field) {
        if (offset.get(field) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("it has no text " + field);
    }
}
