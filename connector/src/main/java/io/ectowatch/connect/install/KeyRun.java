package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.postgres.SqlText;
import java.util.HashMap;
import java.util.Map;

/**
 * The shortest way through a statement with many rows: where their keys are integers without a gap, as those of a bulk load
 * mostly are, the journal's rows tell the first and the last of many.
 *
 * <p>That there are as many keys as numbers between the least and the greatest says so only if no key is there twice. The
 * primary key sees to that, unless it is deferrable or the table has children, and unless something else that the statement
 * sets off, as a trigger before it, takes a row away or changes its key, which then comes again. What has been done to a
 * table in a transaction is counted by PostgreSQL itself ({@code pg_stat_xact_all_tables}), sometimes together with what the
 * session did shortly before: so a doubt is possible where there is no reason. Then, and where a key is missing, the keys are
 * collected and looked at a thousand at a time.
 */
final class KeyRun {

    /** So many keys are looked at before the rest is. */
    static final int AT_FIRST = 1_000;

    /** A row is taken apart at once, and so what it tells must have room in memory. */
    private static final int PER_ROW = 10_000;

    private static final Template PART = Template.load("journal-run-part.sql");
    private static final Template FIND = Template.load("journal-run-find.sql");
    private static final Template WRITE = Template.load("journal-run-write.sql");

    private static final String INSERTED = "pg_stat_get_xact_tuples_inserted(TG_RELID)";
    private static final String UPDATED = "pg_stat_get_xact_tuples_updated(TG_RELID)";
    private static final String DELETED = "pg_stat_get_xact_tuples_deleted(TG_RELID)";

    private KeyRun() {}

    static String declarations() {
        return """
                            first_key   int8;  -- of all keys, if none between it and the last is missing
                            last_key    int8;
                """;
    }

    /**
     * Finds out whether all keys are such a run.
     *
     * @param newRows a query for the new rows' keys, as c0, or null where there are none
     * @param oldRows as {@code newRows}
     */
    static String find(Column key, String newRows, String oldRows) {
        boolean update = newRows != null && oldRows != null;
        boolean insert = newRows != null && !update;
        Map<String, String> values = new HashMap<>();
        values.put("keys at first", Integer.toString(AT_FIRST));
        values.put("key name", SqlText.literal(key.name()));
        values.put("and nothing else", newRows == null ? "" : ", and nothing else has been done to the table");
        values.put(
                "first condition",
                (insert ? and(32, INSERTED + " >= " + AT_FIRST) + and(32, UPDATED + " = 0") : "")
                        + (newRows == null ? "" : and(32, DELETED + " = 0")));
        values.put(
                "last condition",
                update
                        ? and(32, "o.least = n.least AND o.greatest = n.greatest") + and(32, UPDATED + " = n.number")
                        : "");
        String ends = ends(key, newRows == null ? oldRows : newRows) + " AS n";
        values.put("ends", update ? ends + ",\n                             " + ends(key, oldRows) + " AS o" : ends);
        return FIND.fill(values);
    }

    /**
     * The body for a part of the keys, {@code part.keys}: its ends where they are a run by themselves and in order.
     *
     * @param size how many keys a part has that may be one
     * @param printed the body else
     */
    static String part(int size, String printed) {
        return PART.fill(Map.of("keys per row", Integer.toString(size), "printed", printed));
    }

    private static String and(int indentation, String condition) {
        return "\n" + " ".repeat(indentation) + "AND " + condition;
    }

    private static String ends(Column key, String rows) {
        String value = "(" + key.value("r.c0") + ")::int8";
        return "(SELECT min(" + value + ") AS least, max(" + value + ") AS greatest, count(*) AS number FROM (" + rows
                + ") AS r)";
    }

    /** @param places what the journal's templates need */
    static String write(Map<String, String> places) {
        Map<String, String> values = new HashMap<>(places);
        values.put("run per row", Integer.toString(PER_ROW));
        return WRITE.fill(values);
    }
}
