package io.ectowatch.connect.protocol;

import java.util.Map;

/**
 * The bits of the value of the sequence "ring", by which the task tells the triggers which journal table to write to; and
 * of the variable {@code state} of a trigger's function, which begins with that value. {@code docs/formats.md} has the
 * whole.
 */
public final class RingBits {

    /** The bits with the number of the table of the ring that is written to. */
    public static final int TABLE = 3;

    /** What these bits have while none of the three is written to, but a spare table, or none at all. */
    public static final int NO_TABLE = 3;

    /** The task sleeps: a trigger that has written wakes it by NOTIFY. */
    public static final int ASLEEP = 4;

    /** Only within a trigger: the statement has changed more than one row, or a key. */
    private static final int MANY = 8;

    /** Only within a trigger: the changes belong before others that have been written already. */
    private static final int EARLIER = 16;

    /** Only within a trigger: a resync of the table follows. */
    private static final int UNCERTAIN = 32;

    /** Only within the task, which reads both sequences at once: the number of the spare table begins here. */
    private static final int SPARE_SHIFT = 4;

    /** The values for the templates of SQL. */
    public static final Map<String, String> PLACES = Map.of(
            "table bits", Integer.toString(TABLE),
            "no table", Integer.toString(NO_TABLE),
            "last table", Integer.toString(NO_TABLE - 1),
            "asleep", Integer.toString(ASLEEP),
            "many", Integer.toString(MANY),
            "below many", Integer.toString(MANY - 1),
            "earlier", Integer.toString(EARLIER),
            "below earlier", Integer.toString(EARLIER - 1),
            "uncertain", Integer.toString(UNCERTAIN));

    private RingBits() {}

    /**
     * An SQL expression that has both sequences in one number, for {@link #table} and {@link #spare}.
     *
     * @param ring an expression for the ring's value
     * @param spare an expression for the number of the spare table, which is evaluated only if it counts
     */
    public static String joined(String ring, String spare) {
        return ring + " | CASE " + ring + " & " + TABLE + " WHEN " + NO_TABLE + " THEN (" + spare + " << " + SPARE_SHIFT
                + ") ELSE 0 END";
    }

    /** The number of the ring's table that is written to, or {@link #NO_TABLE}. */
    public static int table(long joined) {
        return (int) (joined & TABLE);
    }

    /** The number of the spare table that is written to while none of the ring's is, or 0. */
    public static int spare(long joined) {
        return (int) (joined >> SPARE_SHIFT);
    }
}
