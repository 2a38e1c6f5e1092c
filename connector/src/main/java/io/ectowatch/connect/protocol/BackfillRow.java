package io.ectowatch.connect.protocol;

/** A journal row that requests or stops a backfill: its letter among the events, and the fields of its body. */
public final class BackfillRow {

    /** In the place of an {@link EventCode}. */
    public static final String LETTER = "b";

    /** The id of a new backfill. */
    public static final String ID = "id";

    /** The condition of its rows; may be absent. */
    public static final String CONDITION = "condition";

    /** Present if the table is watched for the first time: then the task's configuration decides. */
    public static final String FIRST = "first";

    /** The id of a backfill that is to end. */
    public static final String STOP = "stop";

    private BackfillRow() {}

    /** The letter as an SQL literal. */
    public static String sql() {
        return "'" + LETTER + "'";
    }

    /** The statement that writes one for a table that is watched for the first time. */
    public static String writeFirst(ObjectNames names, int layout) {
        return names.writeRow(layout, sql(), "json_build_object('id', gen_random_uuid(), 'first', 'true')::text");
    }
}
