package io.ectowatch.connect.protocol;

import io.ectowatch.connect.postgres.SqlText;

/**
 * Why changes may have been lost: the last decimal digit of the time in the sequence of {@link ObjectNames#lostSequence}. So
 * the database knows the cause while no task runs, too.
 */
public enum LossCause {
    TRIGGER(
            "a trigger could not write a change: its key is too large, its order is uncertain, or there was an error, which"
                    + " the server's log has after \"ectowatch:\""),
    FULL("the journal reached journal.max.bytes"),
    EXPIRED("no task read the journal for journal.lease.ms"),
    TASK(
            "the task found other triggers, another delivery mode or another state of the database: its log has the reason"),
    QUEUE("the server's notification queue was more than half full");

    /** Microseconds since 1970, in tens. */
    private static final String TIME = "(date_part('epoch', clock_timestamp()) * 100000)::bigint * 10";

    private final String description;

    LossCause(String description) {
        this.description = description;
    }

    /** An SQL expression: the current time with this cause. */
    String now() {
        return this == TRIGGER ? TIME : TIME + " + " + ordinal();
    }

    /** As {@link #now()}: that the journal is full if the condition holds, else that the lease has expired. */
    static String nowFullIf(String condition) {
        return TIME + " + CASE WHEN " + condition + " THEN " + FULL.ordinal() + " ELSE " + EXPIRED.ordinal() + " END";
    }

    /** The SQL expression for a time in microseconds with this cause. */
    public String at(String time) {
        return time + " / 10 * 10 + " + ordinal();
    }

    /** The cause in a value of the sequence. */
    public static LossCause of(long lost) {
        int digit = (int) (lost % 10);
        return digit < values().length ? values()[digit] : TRIGGER;
    }

    /** An SQL expression that describes the cause in the value that the expression has; null without one. */
    public static String description(String lost) {
        StringBuilder sql = new StringBuilder("CASE " + lost + " % 10");
        for (LossCause cause : values()) {
            sql.append("\n        WHEN ")
                    .append(cause.ordinal())
                    .append(" THEN ")
                    .append(SqlText.literal(cause.description));
        }
        return sql.append("\n    END").toString();
    }
}
