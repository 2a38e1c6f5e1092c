package io.ectowatch.connect.trigger;

import io.ectowatch.connect.catalog.ColumnKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The output settings for a function that encodes a column of {@link ColumnKind#TEXT_PINNED}. Like every function of
 * the connector it also pins its {@code search_path}, which determines how {@code regclass} and similar types are
 * qualified.
 */
public final class PinnedSettings {

    /** Value by setting, unquoted, in a fixed order. Every role may set each of them. */
    public static final Map<String, String> VALUES = values();

    private PinnedSettings() {}

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("DateStyle", "ISO, YMD");
        values.put("TimeZone", "UTC");
        values.put("IntervalStyle", "iso_8601");
        // 1 prints the shortest digits from which the same float can be read back.
        values.put("extra_float_digits", "1");
        values.put("bytea_output", "hex");
        values.put("lc_monetary", "C");
        // Otherwise the writer's session decides whether regclass and similar types print "users" or users.
        values.put("quote_all_identifiers", "off");
        return Collections.unmodifiableMap(values);
    }
}
