package io.ectowatch.connect.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which Kafka headers tell of a change, beside what the value tells. */
public enum HeaderMode {
    NONE,
    /** Event, table and transaction, under names of our own. */
    BASIC,
    /** The attributes of a CloudEvent in binary mode. */
    CLOUDEVENTS;

    /** The name used in settings, for example {@code basic}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of that name, in any case; empty when there is none. */
    public static Optional<HeaderMode> of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equalsIgnoreCase(text))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(HeaderMode::text).toList();
    }

    @Override
    public String toString() {
        return text();
    }
}
