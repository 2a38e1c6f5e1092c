package io.ectowatch.connect.backfill;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings with which rows are read: the index of the key is always right, whatever the statistics say. */
final class PlannerSettings {

    /** Value by setting, unquoted, in a fixed order. Every role may set each of them. */
    static final Map<String, String> VALUES = values();

    private PlannerSettings() {}

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("row_security", "off");
        values.put("constraint_exclusion", "off");
        values.put("enable_seqscan", "off");
        values.put("enable_bitmapscan", "off");
        values.put("enable_sort", "off");
        values.put("max_parallel_workers_per_gather", "0");
        // With a plan for any key, PostgreSQL would open all partitions.
        values.put("plan_cache_mode", "force_custom_plan");
        return Collections.unmodifiableMap(values);
    }
}
