package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.postgres.SqlText;
import java.util.Map;

/**
 * The fastest path for a statement with many rows: if their keys are integers without a gap, as in most bulk loads,
 * the journal's rows contain only the first and the last of many keys.
 *
 * <p>If there are as many keys as numbers between the lowest and the highest, they have no gap only if no key occurs
 * twice. The primary key guarantees that, unless it is deferrable or the table has children, and unless something
 * else within the statement, such as a BEFORE trigger, deletes a row or changes its key, so that the key can be used
 * again. PostgreSQL counts what a transaction has done to a table ({@code pg_stat_xact_all_tables}), sometimes
 * including what the session did shortly before; so the counters may give a false alarm. Then, and if a key is
 * missing, the keys are collected and checked in groups of a thousand.
 */
final class KeyRangeSql {

    /** So many keys are checked before the others are. */
    static final int AT_FIRST = 1_000;

    /** A row is processed at once, so its keys must fit into memory. */
    private static final int PER_ROW = 10_000;

    private KeyRangeSql() {}

    /** Adds what {@code durable.sql} needs to find out whether all keys are such a run, and to write it. */
    static void addTo(Map<String, String> values, Column key) {
        values.put("keys at first", Integer.toString(AT_FIRST));
        values.put("run per row", Integer.toString(PER_ROW));
        values.put("key name", SqlText.literal(key.name()));
        values.put("key of r", key.value("r.c0"));
    }
}
