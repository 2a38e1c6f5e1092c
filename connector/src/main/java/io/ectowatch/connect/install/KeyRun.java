package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.postgres.SqlText;
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

    private KeyRun() {}

    /**
     * Adds what {@code journal-keys.sql} needs to find out whether all keys are such a run, and to write it.
     *
     * @param newRows a query for the new rows' keys, as c0, or null where there are none
     * @param oldRows as {@code newRows}
     */
    static void addTo(Map<String, String> values, Column key, String newRows, String oldRows) {
        values.put("keys at first", Integer.toString(AT_FIRST));
        values.put("run per row", Integer.toString(PER_ROW));
        values.put("key name", SqlText.literal(key.name()));
        if (newRows != null && oldRows != null) {
            values.put("new ends", ends(key, newRows));
            values.put("old ends", ends(key, oldRows));
        } else {
            values.put("ends", ends(key, newRows == null ? oldRows : newRows));
        }
    }

    private static String ends(Column key, String rows) {
        String value = "(" + key.value("r.c0") + ")::int8";
        return "(SELECT min(" + value + ") AS least, max(" + value + ") AS greatest, count(*) AS number FROM (" + rows
                + ") AS r)";
    }
}
