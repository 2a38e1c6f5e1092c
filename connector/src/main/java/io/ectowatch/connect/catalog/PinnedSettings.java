package io.ectowatch.connect.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The output settings under which a function must run that carries a column of {@link ColumnKind#TEXT_PINNED}. Such a
 * function pins its {@code search_path} besides, as every one of ours does, which settles how {@code regclass} and its
 * like are qualified.
 */
public final class PinnedSettings {

    /** Value by setting, unquoted, in an order that never changes. Any role may set each of them. */
    public static final Map<String, String> VALUES = values();

    private PinnedSettings() {}

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("DateStyle", "ISO, YMD");
        values.put("TimeZone", "UTC");
        values.put("IntervalStyle", "iso_8601");
        // 1 stands for the shortest digits from which the same float can be read back.
        values.put("extra_float_digits", "1");
        values.put("bytea_output", "hex");
        values.put("lc_monetary", "C");
        // Else the writer decides whether regclass and its like print as "users" or users.
        values.put("quote_all_identifiers", "off");
        return Collections.unmodifiableMap(values);
    }
}
